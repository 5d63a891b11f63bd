#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "era/era_batch.h"
#include "era/era_order.h"
#include "era/number_pieces.h"
#include "util/stop_signal.h"

namespace erawise::decode {

/// Memory for a window of rows that a decoder would like to have, and the least it can work with.
/// Decoders of row-wise formats have none.
struct WindowNeeds {
    std::uint64_t preferred_bytes = 0;
    std::uint64_t minimum_bytes = 0;
};

/// Longer ids and eras are damage, or something else: a few bytes of a file may stand for any
/// number of them. Eras are kept for as long as a run lasts.
inline constexpr std::size_t kMaxIdBytes = 64 * 1024;
inline constexpr std::size_t kMaxEraBytes = 256;

/// Ids of 16 characters and their places, with the slack of growing vectors.
inline constexpr std::uint64_t kIdBytesPerRow = 2 * (16 + 4);

/// Where the ids of a batch take more, it ends early: what usual ones take in that many rows, or in
/// an era of usual size.
inline constexpr std::size_t most_id_bytes(std::size_t rows) noexcept {
    return std::max<std::size_t>(rows, 8192) * kIdBytesPerRow;
}

/// What the memory plan gives to a decoder that was opened before there was a plan.
struct MemoryGrant {
    std::uint64_t window_bytes = 0;
    std::uint64_t page_bytes = 0;  ///< pages of those that memory_bytes() counts are allowed anyway
};

/// A column of batches: what it holds of a column of the file.
struct SelectedColumn {
    std::string_view name;
    era::Piece piece = era::Piece::whole;
};

/// Where a decoder asks for memory when rows take more than the first ones told: `layout` is
/// theirs, memory_bytes() and window_needs() tell the rest. Called by next(), in its thread, when
/// the decoder has given its window back and its batch is empty: afterwards that has room for a
/// block of the layout. Throws Error(memory) when there is none; survey() may be called before.
using MemorySource = std::function<MemoryGrant(const era::BlockLayout& layout)>;

/// Turns a data file into era batches.
///
/// First the columns are known (column_names), then the caller selects features, then it asks for
/// batches until there are none. Used by one thread at a time. Errors: Error(data) with the place
/// in the file, Error(disk), Error(memory).
class Decoder {
  public:
    virtual ~Decoder() = default;

    /// All columns in file order, ids and targets among them.
    [[nodiscard]] virtual const std::vector<std::string>& column_names() const = 0;

    /// Chooses the features that batches hold, in this order; a name that the file lacks is
    /// Error(data). Behind them come `numbers`, columns of which float64 is wanted, each in
    /// era::kNumberPieces columns. Looks at the first rows of the file and returns the
    /// layout that they suggest: what a block of 512 rows takes. Called once, before next().
    const era::BlockLayout& select(std::span<const std::string> features,
                                   std::span<const std::string> numbers = {});

    /// The same, column by column.
    virtual const era::BlockLayout& select_columns(std::span<const SelectedColumn> columns) = 0;

    /// Fills `batch` with the next rows: one era, or as much of it as fits. False at the end.
    virtual bool next(era::EraBatch& batch) = 0;

    /// Bytes of the file that were consumed so far. Any thread may ask.
    [[nodiscard]] virtual std::uint64_t consumed_bytes() const = 0;

    /// Decoded rows that passed through temporary files so far. Not while next() is at work.
    [[nodiscard]] virtual std::uint64_t spilled_bytes() const { return 0; }

    /// What the decoder holds: decompressor, text, staging; without the batches and the window.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const = 0;

    /// Known when features are selected; DecodeOptions::window_bytes is what it gets.
    [[nodiscard]] virtual WindowNeeds window_needs() const { return {}; }

    /// Replaces the limits that it was opened with. Called between select() and next(). False: it
    /// cannot, and must be opened anew.
    virtual bool grant(const MemoryGrant&) { return false; }

    /// Called before next(). Without a source, rows that take more than was granted are
    /// Error(memory).
    virtual void set_memory_source(MemorySource) {}

    /// Reads the file to its end without keeping a row, and returns the layout that all of its rows
    /// need; memory_bytes() and window_needs() are those of the whole file then. There are no rows
    /// afterwards. A signal ends it with Error(cancelled).
    virtual const era::BlockLayout& survey(const util::StopSignal& stop) = 0;
};

enum class Threading : std::uint8_t {
    none,       ///< everything happens in the calling thread
    read_ahead  ///< reading and decompressing have threads of their own
};

struct DecodeOptions {
    Threading threading = Threading::none;
    /// For the decompressor of files with several blocks; 1 elsewhere.
    unsigned decompression_threads = 1;
    /// What the decompressor may take; more is Error(memory).
    std::uint64_t decompression_memory_bytes = UINT64_MAX;
    /// What it may take to use its threads.
    std::uint64_t decompression_threads_bytes = UINT64_MAX;
    era::EraOrder era_order = era::EraOrder::any;

    /// Threads that decode columns side by side; Parquet only.
    unsigned threads = 1;
    /// For the window of rows; Parquet only.
    std::uint64_t window_bytes = UINT64_MAX;
    /// For one page, compressed and not; a larger one is Error(memory). Parquet only.
    std::uint64_t page_bytes = UINT64_MAX;
    /// For temporary files; Parquet only.
    std::filesystem::path work_directory = ".";
    /// Only rows with this `data_type` are decoded; empty: all.
    std::string data_type = {};
    /// In the place of missing values; empty: they stay missing.
    std::optional<float> null_value = std::nullopt;
};

/// Recognises the format by its first bytes (Parquet, CSV, or xz with CSV inside) and opens the
/// file.
std::unique_ptr<Decoder> open_decoder(const std::filesystem::path& path,
                                      const DecodeOptions& options);

/// What decompressing takes by itself, known from the headers in the file; 0 for plain files.
std::uint64_t decompression_memory_bytes(const std::filesystem::path& path);

/// What Threading::read_ahead takes on top.
extern const std::uint64_t kReadAheadMemoryBytes;

/// A column that is a feature by its name: "feature_...".
bool is_feature_name(std::string_view column);

/// A column that is a target by its name: "target", "target_...".
bool is_target_name(std::string_view column);

}  // namespace erawise::decode
