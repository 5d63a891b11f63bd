#include "decode/parquet/spilled_rows.h"

#include <algorithm>

namespace erawise::decode {

void SpilledRows::write(const RowLabels& labels, era::EraBatch& batch, std::uint64_t file_row) {
    room_.memory().spill_group();
    room_.make(batch, file_row);
    const std::span<std::byte> memory = room_.window().storage(room_.layout());
    spill_.write_texts(labels.columns(), {reinterpret_cast<char*>(memory.data()), memory.size()});
    while (!try_to_write_features()) {
        features_.reopen();
        room_.make(batch, file_row);
    }
}

/// False when the window has to have another layout, or more memory.
bool SpilledRows::try_to_write_features() {
    try {
        if (!write_features()) {
            room_.want_layout();
        }
    } catch (const PageTooLarge& page) {
        room_.want_page(page, WindowRoom::PageHome::in_window);
        room_.memory().see_large_page(page.bytes());
    }
    features_.take_back();
    return !room_.is_wanting();
}

bool SpilledRows::write_features() {
    const auto decode = [&](std::size_t first, std::span<const ColumnTarget> targets) {
        return features_.decode(
            first, first + targets.size(), rows_, [&](std::size_t i) { return targets[i - first]; },
            0);
    };
    return spill_.write_features(room_.layout(), room_.window().capacity(),
                                 lend_to_pages(room_.window().storage(room_.layout())), decode);
}

/// The window's memory serves for pages as far as it is larger than the columns need. Returns what
/// is left.
std::span<std::byte> SpilledRows::lend_to_pages(std::span<std::byte> memory) {
    const std::uint64_t share = room_.memory().page_share_bytes();
    const bool has_room =
        memory.size() >=
        share * features_.workers() + ParquetMemory::largest_column_bytes(room_.layout(), rows_);
    return has_room ? features_.lend(memory, share) : memory;
}

std::size_t SpilledRows::count_for(std::uint64_t /*row*/, std::uint64_t left,
                                   std::size_t room) const {
    return static_cast<std::size_t>(std::min<std::uint64_t>(left, room));
}

bool SpilledRows::read(const era::BlockLayout& layout, PlaneWindow& window, std::uint64_t row,
                       std::size_t /*rows*/, std::size_t /*position*/) {
    spill_.read(layout, window, row);
    return true;
}

}  // namespace erawise::decode
