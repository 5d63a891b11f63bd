// A Parquet file, decoded whole: with a window that holds every page, and with the least window,
// where pages are read in slices or their rows pass through a temporary file. What is wrong with
// the file must be a util::Error, both times; what is not must give the same rows. Neither may take
// more memory than the decoder says for the plan.

#include <spdlog/spdlog.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/decoder.h"
#include "fuzz/allocation_limit.h"
#include "fuzz/memory_file.h"
#include "fuzz/require_levels.h"
#include "util/error.h"
#include "util/id_hash.h"

namespace {

using namespace erawise;

constexpr std::size_t kBatchBytes = 256 * 1024;
constexpr std::size_t kMostRows = 100'000;  // a damaged count of rows may be any number
constexpr std::uint64_t kPageBytes = std::uint64_t{1} << 20;

/// Until the plan is known: what the schema and the row groups are kept as, per byte of the file,
/// and the first pages and dictionaries.
constexpr std::uint64_t kOpeningBytesPerByte = 32;
constexpr std::uint64_t kOpeningBytes = 8 * kPageBytes;

/// Pages that are larger than the first ones were, dictionaries as values, and the plan's reserve.
constexpr std::uint64_t kGrowthBytes = 8 * kPageBytes;

/// What a decoder takes that nobody gives a window: as much as it can use.
constexpr std::uint64_t kLargestWindowBytes = std::uint64_t{24} << 20;

struct Decoded {
    std::size_t rows = 0;
    std::uint64_t hash = 0;  ///< of eras, ids and values

    void add(std::uint64_t bits) { hash = util::mixed(hash ^ bits); }
    std::optional<util::ErrorKind> error;
};

enum class Window : std::uint8_t { large, least };

void decode_rows(const std::filesystem::path& path, Window window, Decoded& decoded) {
    fuzz::AllocationLimit limit(kOpeningBytes +
                                kOpeningBytesPerByte * std::filesystem::file_size(path));
    decode::DecodeOptions options;
    options.page_bytes = kPageBytes;
    const std::unique_ptr<decode::Decoder> decoder = decode::open_decoder(path, options);
    std::vector<std::string> features;
    std::ranges::copy_if(decoder->column_names(), std::back_inserter(features),
                         decode::is_feature_name);
    decoder->select(features);
    std::uint64_t window_bytes = kLargestWindowBytes;
    if (window == Window::least) {
        window_bytes = decoder->window_needs().minimum_bytes;
        decoder->grant({window_bytes, kPageBytes});
    }
    limit.set(decoder->memory_bytes() + window_bytes + kBatchBytes + kGrowthBytes +
              kOpeningBytesPerByte * std::filesystem::file_size(path));
    era::EraBatch batch(kBatchBytes);
    while (decoded.rows < kMostRows && decoder->next(batch)) {
        fuzz::require_levels_in_planes(batch);
        for (std::size_t row = 0; row < batch.rows() && decoded.rows < kMostRows; ++row) {
            ++decoded.rows;
            decoded.add(util::id_hash(batch.era));
            decoded.add(util::id_hash(batch.ids[row]));
            for (std::size_t column = 0; column < batch.columns(); ++column) {
                decoded.add(std::bit_cast<std::uint32_t>(batch.value(row, column)));
            }
        }
    }
}

Decoded decode_all(const std::filesystem::path& path, Window window) {
    Decoded decoded;
    try {
        decode_rows(path, window, decoded);
    } catch (const util::Error& error) {
        decoded.error = error.kind();
    }
    return decoded;
}

/// More rows at a time meet what is wrong in one of them sooner; and the least window may be too
/// small for what comes after the first rows.
bool agree(const Decoded& large, const Decoded& least) {
    if (large.error || least.error) {
        return large.error == least.error || least.error == util::ErrorKind::memory ||
               large.error == util::ErrorKind::memory;
    }
    return large.rows == least.rows && large.hash == least.hash;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    spdlog::set_level(spdlog::level::off);
    if (size < 4 || std::string_view(reinterpret_cast<const char*>(data), 4) != "PAR1") {
        return 0;  // csv_fuzz.cpp
    }
    const fuzz::MemoryFile file(data, size);
    if (!agree(decode_all(file.path(), Window::large), decode_all(file.path(), Window::least))) {
        std::abort();
    }
    return 0;
}
