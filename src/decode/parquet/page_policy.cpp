#include "decode/parquet/page_policy.h"

namespace erawise::decode {

LongPages plan_long_pages(const GroupFacts& pages, std::size_t features,
                          const TextFacts& text_pages) noexcept {
    // Pages that are not sliceable are decoded for each window: less than spilling all of them?
    const std::size_t others = features - pages.sliceable;
    const std::uint64_t windows = pages.other_rows / kLongPageWindowRows + 1;
    const bool are_few = pages.sliceable > 0 && others * windows <= kMostDecodes * features;
    return are_few && text_pages.largest_page_bytes == 0 ? LongPages::in_slices
                                                         : LongPages::spilled;
}

GroupWay choose_way(const GroupNeeds& needs, const GroupMeans& means) noexcept {
    if (needs.rows <= means.window_rows || needs.page_rows <= kMostDecodes * means.window_rows) {
        return GroupWay::decoded;
    }
    const bool is_planned = means.plan == LongPages::spilled;
    if (needs.is_sliceable && !is_planned) {
        return GroupWay::in_slices;
    }
    // Where pages are read in slices, the plan need not have room for a group that is unlike the
    // first.
    const bool has_room = is_planned || means.has_room_to_spill;
    return has_room && means.takes_spill_files ? GroupWay::spilled : GroupWay::decoded_again;
}

}  // namespace erawise::decode
