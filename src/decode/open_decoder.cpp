#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "decode/csv_decoder.h"
#include "decode/decoder.h"
#include "decode/input_file.h"
#include "decode/null_fill.h"
#include "decode/open_text.h"
#include "decode/parquet_decoder.h"
#include "decode/read_ahead.h"
#include "decode/xz_source.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

enum class Format : std::uint8_t { csv, csv_xz, parquet };

struct Signature {
    std::string_view bytes;
    std::string_view what;
};

/// What people have in the place of a data file, by its first bytes.
constexpr std::array kForeign = {
    Signature{"PK\x03\x04", "a zip archive: unpack it first"},
    Signature{"\x1F\x8B", "a gzip file: recompress it with xz, or unpack it first"},
    Signature{"(\xB5/\xFD", "a Zstandard file: recompress it with xz, or unpack it first"},
    Signature{"<", "an HTML or XML page, not data: a failed download"},
    Signature{"{", "a JSON document, not data"},
};

Format recognise(const std::filesystem::path& path) {
    constexpr std::string_view kXz(
        "\xFD"
        "7zXZ\0",
        6);
    InputFile file(path);
    std::array<char, 8> bytes{};
    const std::string_view begin(bytes.data(), file.read(bytes));
    if (begin.starts_with(kXz)) {
        return Format::csv_xz;
    }
    if (begin.starts_with("PAR1") || begin.starts_with("PARE")) {
        return Format::parquet;
    }
    for (const Signature& foreign : kForeign) {
        if (begin.starts_with(foreign.bytes)) {
            throw util::Error(util::ErrorKind::data,
                              fmt::format("{} is {}", path.string(), foreign.what));
        }
    }
    if (std::ranges::contains(begin, '\0')) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{} is neither Parquet, CSV nor xz: it begins with binary bytes",
                        path.string()));
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
