#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "infer/predictor.h"
#include "util/memory_cap.h"

namespace erawise {

using util::MemoryCap;

/// What the stages say they need.
struct MemoryNeeds {
    std::uint64_t resident_bytes = 0;       ///< the program as it stands before the first row
    std::uint64_t decompression_bytes = 0;  ///< by the file's own header
    std::uint64_t decoder_bytes = 0;        ///< text, dictionaries, staging
    bool decoder_stays_open = false;        ///< while models are loaded
    std::size_t block_bytes = 0;            ///< 512 rows of the features that are used
    std::uint64_t window_bytes = 0;         ///< rows that the decoder holds: what it would like
    std::uint64_t least_window_bytes = 0;   ///< and what it cannot do without
    std::uint64_t forests_bytes = 0;        ///< trees that were read and wait to be compiled
    std::vector<infer::PredictorMemory> predictors;
    std::size_t joined_columns = 0;  ///< of predictions that are there already
    std::size_t writers = 0;
    std::uint64_t held_era_bytes = 0;  ///< an era of usual size that waits for its end; 0: none
    std::uint64_t lookup_bytes = 0;    ///< values by row id, read from files beside the data
    unsigned threads = 1;
    std::uint64_t transfer_bytes = 0;  ///< checking and uploading, when the rows are done
};

/// Where the memory goes, decided before the first row.
struct MemoryPlan {
    std::optional<MemoryCap> cap;
    std::vector<std::pair<std::string, std::uint64_t>> entries;  ///< while rows flow
    std::uint64_t running_bytes = 0;                             ///< their sum
    std::uint64_t loading_bytes = 0;  ///< peak while models are loaded, before rows flow

    std::size_t batches = 1;              ///< era batches that are in flight at a time
    std::size_t batch_storage_bytes = 0;  ///< planes and values of one
    std::uint64_t window_bytes = 0;       ///< rows that the decoder holds
    std::uint64_t decompression_limit_bytes = 0;
    std::uint64_t decompression_threads_bytes = 0;  ///< for a decoder that has several threads
    std::uint64_t era_memory_bytes = 0;             ///< for the era that is held
    std::uint64_t lookup_bytes = 0;                 ///< for values by row id

    [[nodiscard]] std::uint64_t total_bytes() const noexcept {
        return running_bytes > loading_bytes ? running_bytes : loading_bytes;
    }
};

/// Divides the cap among the stages. Batches and the decoder's window shrink to one block of rows
/// before it gives up with Error(memory), which names the number that would do. docs/MEMORY.md has
/// the formula.
MemoryPlan plan_memory(const MemoryNeeds& needs, const std::optional<MemoryCap>& cap);

/// The least that it takes, with the smallest batches and window.
std::uint64_t least_memory_bytes(const MemoryNeeds& needs);

/// Throws the Error(memory) of plan_memory().
[[noreturn]] void refuse_memory(const MemoryNeeds& needs, const MemoryCap& cap);

/// A limit, as the user names it, under which plan_memory() leaves an era `era_bytes`.
std::uint64_t limit_for_era(const MemoryNeeds& needs, const MemoryCap& cap,
                            std::uint64_t era_bytes);

/// One line: what is needed, and the cap. With --log-level debug also one line per entry.
void log_memory_plan(const MemoryPlan& plan);

}  // namespace erawise
