#include "predict/memory_plan.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

#include "era/era_batch.h"
#include "output/prediction_writer.h"
#include "util/byte_size.h"
#include "util/error.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

using util::format_byte_size;
using util::kKiB;
using util::kMiB;

/// A batch never has more rows than this: Numerai's eras have 7000 at most, and more rows at a time
/// make nothing faster.
constexpr std::size_t kMaxBatchBlocks = 16;

/// Nor more planes and values than this where that leaves several blocks: threads share a batch
/// block by block, and the caches are no larger.
constexpr std::size_t kBatchStorageBytes = 4 * kMiB;
constexpr std::size_t kEnoughBlocks = 4;

/// One batch is filled, one is predicted, one is written.
constexpr std::size_t kBatchesInFlight = 3;

/// Ids (16 characters and an offset, with the slack of growing vectors), and one spare prediction.
constexpr std::uint64_t kBytesPerPrediction = sizeof(double);
constexpr std::uint64_t kBytesPerRow = 2 * (16 + 4) + kBytesPerPrediction;

/// The touched part of a stack, and the allocator's arena.
constexpr std::uint64_t kThreadBytes = 192 * kKiB;

/// Heap fragments, code pages touched late, TLS records: measured at 1 MiB, doubled.
constexpr std::uint64_t kReserveBytes = 2 * kMiB;

/// What the loader and the allocator leave resident differs from run to run: measured at 0.5 MiB.
/// A limit that is named with this much more does for the next run as well.
constexpr std::uint64_t kResidentSpreadBytes = kMiB;

/// An era that is larger than usual gets this part of what is left over.
constexpr std::uint64_t kEraShare = 4;

std::uint64_t batch_bytes(const MemoryNeeds& needs, std::size_t blocks) {
    const std::uint64_t rows = blocks * era::kBlockRows;
    const std::size_t predictions = needs.predictors.size() + needs.joined_columns;
    return blocks * needs.block_bytes + rows * (kBytesPerRow + kBytesPerPrediction * predictions);
}

std::size_t most_blocks(const MemoryNeeds& needs) {
    const std::size_t fit = kBatchStorageBytes / std::max<std::size_t>(needs.block_bytes, 1);
    return std::clamp(fit, kEnoughBlocks, kMaxBatchBlocks);
}

void add(MemoryPlan& plan, std::string name, std::uint64_t bytes) {
    if (bytes > 0) {
        plan.entries.emplace_back(std::move(name), bytes);
        plan.running_bytes += bytes;
    }
}

/// Everything but the batches.
void add_fixed_entries(MemoryPlan& plan, const MemoryNeeds& needs) {
    std::uint64_t models = 0;
    std::uint64_t workspaces = 0;
    const std::uint64_t at_start = needs.resident_bytes + kReserveBytes + needs.forests_bytes +
                                   (needs.decoder_stays_open ? needs.decoder_bytes : 0);
    plan.loading_bytes = at_start;
    for (const infer::PredictorMemory& predictor : needs.predictors) {
        plan.loading_bytes =
            std::max(plan.loading_bytes, at_start + models + predictor.while_loading_bytes);
        models += predictor.resident_bytes;
        workspaces += predictor.workspace_bytes * needs.threads;
    }
    plan.loading_bytes = std::max(plan.loading_bytes, needs.resident_bytes + needs.transfer_bytes);
    const unsigned threads = needs.threads > 1 ? needs.threads + 2 : 0;  // + decode, read-ahead
    add(plan, "program", needs.resident_bytes);
    add(plan, "models", models);
    add(plan, "prediction workspaces", workspaces);
    add(plan, "decompression", needs.decompression_bytes);
    add(plan, "decoding", needs.decoder_bytes);
    add(plan, "writers", needs.writers * output::kWriterBufferBytes);
    add(plan, "era at hand", needs.held_era_bytes);
    add(plan, "values by id", needs.lookup_bytes);
    add(plan, "threads", threads * kThreadBytes);
    add(plan, "reserve", kReserveBytes);
}

/// Gives `left` to the window and the batches; returns the blocks of a batch. Large batches shrink
/// first, then the window (its pages are decoded more than once then), then what batches are left.
std::size_t share_out(MemoryPlan& plan, const MemoryNeeds& needs, std::uint64_t left) {
    std::size_t blocks = most_blocks(needs);
    plan.window_bytes = needs.window_bytes;
    const auto fits = [&] {
        return plan.batches * batch_bytes(needs, blocks) + plan.window_bytes <= left;
    };
    while (blocks > kEnoughBlocks && !fits()) {
        --blocks;
    }
    while (plan.window_bytes > needs.least_window_bytes && !fits()) {
        plan.window_bytes = std::max<std::uint64_t>(
            needs.least_window_bytes,
            plan.window_bytes - std::min<std::uint64_t>(plan.window_bytes, needs.block_bytes));
    }
    while (blocks > 1 && !fits()) {
        --blocks;
    }
    return blocks;
}

/// The parts of `limit`, or the least that it takes where that is more.
MemoryPlan divide(const MemoryNeeds& needs, std::uint64_t limit) {
    MemoryPlan plan;
    plan.batches = needs.threads > 1 ? kBatchesInFlight : 1;
    add_fixed_entries(plan, needs);
    const std::uint64_t left = limit - std::min(limit, plan.running_bytes);
    const std::size_t blocks = share_out(plan, needs, left);
    add(plan, "window of rows", plan.window_bytes);
    add(plan, "era batches", plan.batches * batch_bytes(needs, blocks));
    plan.batch_storage_bytes = blocks * needs.block_bytes;
    return plan;
}

/// What is left over is room to grow for what is known only later: a decompressor that can use
/// several threads, an era that is larger than any before it, values that wait for their rows.
void share_out_spare(MemoryPlan& plan, const MemoryNeeds& needs) {
    constexpr std::uint64_t kUncapped = 256 * kMiB;
    const std::uint64_t spare = plan.cap ? plan.cap->bytes - plan.total_bytes() : kUncapped;
    plan.decompression_threads_bytes = needs.decompression_bytes + spare / 2;
    if (!plan.cap) {
        plan.decompression_limit_bytes = UINT64_MAX;
        plan.era_memory_bytes = UINT64_MAX;
        plan.lookup_bytes = UINT64_MAX;
        return;
    }
    plan.decompression_limit_bytes = plan.decompression_threads_bytes;
    plan.era_memory_bytes = needs.held_era_bytes + spare / kEraShare;
    plan.lookup_bytes = needs.lookup_bytes + spare / 4;
}

/// In whole MiB.
std::uint64_t limit_for(std::uint64_t needed, const MemoryCap& cap) {
    return static_cast<std::uint64_t>(
        std::ceil(double(needed + kResidentSpreadBytes) / cap.share_of_limit / double(kMiB)));
}

}  // namespace

MemoryPlan plan_memory(const MemoryNeeds& needs, const std::optional<MemoryCap>& cap) {
    MemoryPlan plan = divide(needs, cap ? cap->bytes : UINT64_MAX);
    if (cap && plan.total_bytes() > cap->bytes) {
        refuse_memory(needs, *cap);
    }
    plan.cap = cap;
    share_out_spare(plan, needs);
    return plan;
}

std::uint64_t least_memory_bytes(const MemoryNeeds& needs) {
    return divide(needs, 0).total_bytes();
}

void refuse_memory(const MemoryNeeds& needs, const MemoryCap& cap) {
    const MemoryPlan plan = divide(needs, 0);
    std::string table;
    for (const auto& [name, bytes] : plan.entries) {
        table += fmt::format("{}{} {}", table.empty() ? "" : ", ", name, format_byte_size(bytes));
    }
    throw util::Error(
        util::ErrorKind::memory,
        fmt::format("the run needs {}, the cap is {} ({}); a limit of {} MiB would do (needed: {}; "
                    "while models are loaded {})",
                    format_byte_size(plan.total_bytes()), format_byte_size(cap.bytes), cap.source,
                    limit_for(plan.total_bytes(), cap), table,
                    format_byte_size(plan.loading_bytes)));
}

/// Batches and window have grown to what they would like to be by then.
std::uint64_t limit_for_era(const MemoryNeeds& needs, const MemoryCap& cap,
                            std::uint64_t era_bytes) {
    const std::uint64_t missing = era_bytes - std::min(era_bytes, needs.held_era_bytes);
    return limit_for(divide(needs, UINT64_MAX).total_bytes() + kEraShare * missing, cap);
}

void log_memory_plan(const MemoryPlan& plan) {
    const auto line = [](std::string_view name, std::uint64_t bytes) {
        spdlog::debug("memory plan: {:<22} {:>10}", name, format_byte_size(bytes));
    };
    for (const auto& [name, bytes] : plan.entries) {
        line(name, bytes);
    }
    line("total", plan.running_bytes);
    line("while loading models", plan.loading_bytes);
    if (plan.cap) {
        line("cap", plan.cap->bytes);
        spdlog::info("memory plan: {} of {} ({})", format_byte_size(plan.total_bytes()),
                     format_byte_size(plan.cap->bytes), plan.cap->source);
    } else {
        spdlog::info("memory plan: {}, no cap (neither --memory-limit nor a container limit)",
                     format_byte_size(plan.total_bytes()));
    }
}

}  // namespace erawise
