// CSV text, plain or in xz, decoded whole. What is wrong with it must be a util::Error; what is not
// must give the same rows wherever the reader's buffer ends and however few rows a batch holds.

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "decode/csv/decoder.h"
#include "decode/csv/text.h"
#include "decode/decoder.h"
#include "decode/foreign_format.h"
#include "fuzz/allocation_limit.h"
#include "fuzz/memory_file.h"
#include "fuzz/require_levels.h"
#include "unit/decode/memory_source.h"
#include "util/error.h"
#include "util/id_hash.h"

namespace {

using namespace erawise;

constexpr std::size_t kMostBatches = 1000;  // a few bytes of xz may be any number of rows
constexpr std::size_t kSmallBatch = 1;      // as few rows as a batch may have: one block
constexpr std::size_t kLargeBatch = 1 << 20;

/// What a reader may take of its own, before it says what it needs, and beyond that.
constexpr std::uint64_t kReserveBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kBytesPerByte = 64;  ///< names, of one byte and a comma each

struct Decoded {
    std::uint64_t rows = 0;
    std::uint64_t hash = 0;  ///< of eras, ids and values
    std::optional<util::ErrorKind> error;

    void add(std::uint64_t bits) { hash = util::mixed(hash ^ bits); }
    bool operator==(const Decoded&) const = default;
};

/// Values by their bits.
Decoded decode_all(decode::Decoder& decoder, std::size_t batch_bytes,
                   fuzz::AllocationLimit& limit) {
    std::vector<std::string> features;
    std::ranges::copy_if(decoder.column_names(), std::back_inserter(features),
                         decode::is_feature_name);
    decoder.select(features);
    // A column may become plain at any row, and ids alone need a block as well.
    const std::size_t plain_block =
        std::max<std::size_t>(features.size(), 1) * era::kBlockRows * sizeof(float);
    era::EraBatch batch(std::max(batch_bytes, plain_block));
    limit.set(decoder.memory_bytes() + batch.memory_bytes() + kReserveBytes +
              kBytesPerByte * features.size());
    Decoded decoded;
    for (std::size_t i = 0; i < kMostBatches && decoder.next(batch); ++i) {
        fuzz::require_levels_in_planes(batch);
        for (std::size_t row = 0; row < batch.rows(); ++row) {
            ++decoded.rows;
            decoded.add(util::id_hash(batch.era));
            decoded.add(util::id_hash(batch.ids[row]));
            for (std::size_t column = 0; column < batch.columns(); ++column) {
                decoded.add(std::bit_cast<std::uint32_t>(batch.value(row, column)));
            }
        }
    }
    return decoded;
}

/// Where there is an error, batches before it are of any size.
Decoded decode_text(std::string text, std::size_t batch_bytes) {
    const std::size_t size = text.size();
    std::unique_ptr<decode::ByteSource> source = test::memory_source(std::move(text));
    fuzz::AllocationLimit limit(kReserveBytes + kBytesPerByte * size);
    try {
        decode::CsvDecoder decoder(std::move(source), "a.csv", era::EraOrder::any);
        return decode_all(decoder, batch_bytes, limit);
    } catch (const util::Error& error) {
        return {.error = error.kind()};
    }
}

/// The text behind so many blank lines that the reader's buffer ends in the middle of it.
std::string shifted(std::string_view text) {
    const std::size_t blank = decode::kTextBytes - std::min(decode::kTextBytes, text.size() / 2);
    return std::string(blank, '\n') + std::string(text);
}

/// Whether to try the text shifted too, which takes as long as ten without that: one in four.
bool is_shifted(std::string_view text) {
    return util::id_hash(text) % 4 == 0;
}

void check_text(std::string_view text) {
    const Decoded once = decode_text(std::string(text), kLargeBatch);
    const bool has_mark = text.starts_with("\xEF\xBB\xBF") ||  // which has to come first
                          !decode::foreign_text(text.substr(0, decode::kForeignBytes)).empty();
    if (decode_text(std::string(text), kSmallBatch) != once ||
        (!has_mark && is_shifted(text) && decode_text(shifted(text), kLargeBatch) != once)) {
        std::abort();
    }
}

void read_packed(const std::uint8_t* data, std::size_t size) {
    const fuzz::MemoryFile file(data, size);
    try {
        decode::DecodeOptions options;
        options.decompression_memory_bytes = std::uint64_t{16} << 20;
        fuzz::AllocationLimit limit(options.decompression_memory_bytes + kReserveBytes +
                                    kBytesPerByte * decode::kTextBytes);
        decode_all(*decode::open_decoder(file.path(), options), kLargeBatch, limit);
    } catch (const util::Error&) {
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    spdlog::set_level(spdlog::level::off);
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (text.starts_with("PAR1")) {
        return 0;  // parquet_fuzz.cpp
    }
    if (text.starts_with("\xFD"
                         "7zXZ")) {
        read_packed(data, size);
    } else {
        check_text(text);
    }
    return 0;
}
