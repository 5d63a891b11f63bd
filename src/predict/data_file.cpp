#include "predict/data_file.h"

#include <algorithm>

#include "decode/for_each_batch.h"
#include "util/byte_size.h"

namespace erawise {
namespace {

/// Under a smaller cap nothing runs; the data is looked at as if it were this, for the number that
/// the error names.
constexpr std::uint64_t kSmallestCap = 16 * util::kMiB;

decode::DecodeOptions decode_options(const PredictionOptions& options, era::EraOrder order) {
    return {.era_order = order,
            .threads = options.threads,
            .work_directory = options.work_directory,
            .data_type = options.data_type,
            .null_value = options.null_value};
}

}  // namespace

std::unique_ptr<decode::Decoder> open_for_a_look(const PredictionOptions& options,
                                                 era::EraOrder order) {
    decode::DecodeOptions look = decode_options(options, order);
    look.threading = decode::Threading::none;
    look.decompression_threads = 1;
    look.window_bytes = 0;
    look.decompression_memory_bytes = options.cap ? options.cap->bytes : UINT64_MAX;
    look.decompression_threads_bytes = 0;
    // Every thread has a page.
    look.page_bytes =
        options.cap ? std::max(options.cap->bytes, kSmallestCap) / look.threads : UINT64_MAX;
    return decode::open_decoder(options.data, look);
}

std::unique_ptr<decode::Decoder> open_data(const PredictionOptions& options, era::EraOrder order,
                                           const MemoryPlan& plan) {
    decode::DecodeOptions planned = decode_options(options, order);
    planned.threading =
        options.threads > 1 ? decode::Threading::read_ahead : decode::Threading::none;
    planned.decompression_threads = options.threads;
    planned.decompression_memory_bytes = plan.decompression_limit_bytes;
    planned.decompression_threads_bytes = plan.decompression_threads_bytes;
    planned.window_bytes = plan.window_bytes;
    return decode::open_decoder(options.data, planned);
}

std::uint64_t rows_of_largest_era(const PredictionOptions& options, const util::StopSignal& stop) {
    const auto decoder = decode::open_decoder(options.data, {.data_type = options.data_type});
    std::uint64_t rows = 0;
    std::uint64_t most_rows = 0;
    std::string era;
    decode::for_each_batch(*decoder, decoder->select({}).block_bytes, stop, [&](const auto& batch) {
        rows = batch.era == era ? rows + batch.rows() : batch.rows();
        era = batch.era;
        most_rows = std::max(most_rows, rows);
    });
    return most_rows;
}

}  // namespace erawise
