#include "decode/parquet/page_policy.h"

#include <algorithm>

namespace erawise::decode {
namespace {

/// Pages that are not sliceable are decoded for each window: is that less than spilling all of
/// them?
bool are_few(std::size_t others, std::size_t features, std::uint64_t rows, std::size_t window) {
    const std::uint64_t windows = rows / std::max<std::size_t>(window, 1) + 1;
    return others * windows <= kMostDecodes * features;
}

bool are_long(const GroupNeeds& needs, const GroupMeans& means) {
    return needs.rows > means.window_rows &&
           std::max(needs.page_rows, needs.other_rows) > kMostDecodes * means.window_rows;
}

/// Where pages are read in slices, the plan need not have room for a group that is unlike the
/// first.
bool can_spill(const GroupMeans& means) {
    return means.takes_spill_files && (means.plan == LongPages::spilled || means.has_room_to_spill);
}

}  // namespace

LongPages plan_long_pages(const GroupFacts& pages, std::size_t features,
                          const TextFacts& text_pages) noexcept {
    const bool in_slices = pages.sliceable > 0 && are_few(features - pages.sliceable, features,
                                                          pages.other_rows, kLongPageWindowRows);
    return in_slices && text_pages.largest_page_bytes == 0 ? LongPages::in_slices
                                                           : LongPages::spilled;
}

GroupWay choose_way(const GroupNeeds& needs, const GroupMeans& means) noexcept {
    if (!are_long(needs, means)) {
        return GroupWay::decoded;
    }
    if (means.plan == LongPages::in_slices &&
        are_few(needs.features - needs.sliceable, needs.features, needs.other_rows,
                means.window_rows)) {
        return GroupWay::in_slices;
    }
    return can_spill(means) ? GroupWay::spilled : GroupWay::decoded_again;
}

bool wants_all_features(const GroupNeeds& needs, const GroupMeans& means) noexcept {
    return means.plan == LongPages::in_slices && are_long(needs, means) && can_spill(means);
}

}  // namespace erawise::decode
