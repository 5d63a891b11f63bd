#include "decode/parquet/window_room.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {

void WindowRoom::grant(const MemoryGrant& granted) {
    const PageLimits limits{std::max(granted.page_bytes, memory_.page_bytes())};
    granted_ = granted;
    release_window();
    features_.set_limits(limits);
    labels_.set_limits(limits);
}

void WindowRoom::renew_layout() {
    layout_ = std::make_shared<const era::BlockLayout>(features_.layout());
    wants_layout_ = false;
}

void WindowRoom::want_page(const PageTooLarge& page, PageHome home) {
    std::uint64_t& known = home == PageHome::in_window ? expected_spilled_page_ : expected_page_;
    if (!source_ || page.bytes() <= known) {
        throw page;
    }
    known = page.bytes();
    wants_memory_ = true;
}

void WindowRoom::make(era::EraBatch& batch, std::uint64_t row) {
    if (wants_layout_) {
        renew_layout();
    }
    batch.reset(layout_, {});
    if (!suffices(batch)) {
        ask(batch, row);
    }
    const std::uint64_t bytes = std::min(
        granted_.window_bytes, std::max(ParquetMemory::kMaxWindowBytes, needs().minimum_bytes));
    if (window_.bytes() != bytes) {
        window_ = PlaneWindow(bytes);
    }
    window_.set_layout(*layout_, memory_.most_window_rows());
}

bool WindowRoom::suffices(const era::EraBatch& batch) const {
    return !wants_memory_ && batch.row_capacity() > 0 &&
           needs().minimum_bytes <= granted_.window_bytes;
}

void WindowRoom::ask(era::EraBatch& batch, std::uint64_t row) {
    release_window();
    wants_memory_ = false;
    if (source_) {
        grant(source_(*layout_));
        batch.reset(layout_, {});
    }
    if (!suffices(batch)) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format("{}: row {}: {} rows take {} in a batch and {} in the window, because "
                        "features have more values than the first rows told; there is less",
                        file_, row + 1, era::kBlockRows,
                        util::format_byte_size(layout_->block_bytes),
                        util::format_byte_size(needs().minimum_bytes)));
    }
}

}  // namespace erawise::decode
