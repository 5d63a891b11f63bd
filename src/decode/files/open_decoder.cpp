#include <fmt/format.h>

#include <array>
#include <string_view>

#include "decode/csv/decoder.h"
#include "decode/csv/open_text.h"
#include "decode/csv/xz_source.h"
#include "decode/decoder.h"
#include "decode/foreign_format.h"
#include "decode/input_file.h"
#include "decode/null_fill.h"
#include "decode/parquet/decoder.h"
#include "decode/read_ahead.h"
#include "decode/signatures.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

enum class Format : std::uint8_t { csv, csv_xz, parquet };

Format recognise(const std::filesystem::path& path) {
    InputFile file(path);
    std::array<char, kForeignBytes> bytes{};
    const std::string_view begin(bytes.data(), file.read(bytes));
    if (begin.starts_with(kXzMagic)) {
        return Format::csv_xz;
    }
    if (begin.starts_with(kParquetMagic) || begin.starts_with(kEncryptedParquetMagic)) {
        return Format::parquet;
    }
    if (const std::string_view foreign = foreign_format(begin); !foreign.empty()) {
        throw util::Error(util::ErrorKind::data, fmt::format("{} is {}", path.string(), foreign));
    }
    return Format::csv;
}

std::unique_ptr<Decoder> open_format(const std::filesystem::path& path,
                                     const DecodeOptions& options) {
    const Format format = recognise(path);
    if (format == Format::parquet) {
        return std::make_unique<ParquetDecoder>(path, options);
    }
    std::unique_ptr<ByteSource> source = open_text(path, options);
    if (options.threading == Threading::read_ahead) {
        source = read_ahead(std::move(source));
    }
    return std::make_unique<CsvDecoder>(std::move(source), path.string(), options.era_order,
                                        options.data_type);
}

}  // namespace

const era::BlockLayout& Decoder::select(std::span<const std::string> features,
                                        std::span<const std::string> numbers) {
    std::vector<SelectedColumn> columns;
    for (const std::string& feature : features) {
        columns.push_back({feature});
    }
    for (const std::string& number : numbers) {
        for (const era::Piece piece : {era::Piece::high, era::Piece::middle, era::Piece::low}) {
            columns.push_back({number, piece});
        }
    }
    return select_columns(columns);
}

std::unique_ptr<ByteSource> open_text(const std::filesystem::path& path,
                                      const DecodeOptions& options) {
    if (recognise(path) == Format::csv_xz) {
        return open_xz_file(path, {.memory_limit_bytes = options.decompression_memory_bytes,
                                   .threads = options.decompression_threads,
                                   .threading_limit_bytes = options.decompression_threads_bytes});
    }
    return open_plain_file(path);
}

bool is_parquet(const std::filesystem::path& path) {
    return recognise(path) == Format::parquet;
}

std::unique_ptr<Decoder> open_decoder(const std::filesystem::path& path,
                                      const DecodeOptions& options) {
    auto decoder = open_format(path, options);
    return options.null_value ? fill_nulls(std::move(decoder), *options.null_value)
                              : std::move(decoder);
}

const std::uint64_t kReadAheadMemoryBytes = kReadAheadBuffers * kReadAheadBytes;

std::uint64_t decompression_memory_bytes(const std::filesystem::path& path) {
    return recognise(path) == Format::csv_xz ? xz_memory_bytes(path) : 0;
}

}  // namespace erawise::decode
