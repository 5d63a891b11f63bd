#pragma once

#include <cstddef>
#include <cstdint>

#include "decode/parquet/page_facts.h"

namespace erawise::decode {

/// How pages are read that have more rows than a window: what to do is decided here, by values
/// alone, from what their headers say and what the memory plan gives.
///
/// A page of codes in a codec that can be entered anywhere (PageStream) is read in slices: nothing
/// is done twice, and nothing is kept. Any other page has to be unpacked from its beginning. It may
/// be decoded once for each window that it reaches into, as long as these are few. Else the rows of
/// its row group are written to a temporary file once, as they are in windows, and read back from
/// there.

/// A page may be decoded this often before its row group is spilled: writing and reading planes
/// takes about as long.
inline constexpr std::size_t kMostDecodes = 3;

/// Pages of more rows are long: no window holds them.
inline constexpr std::size_t kLongPageRows = 65536;

/// Where pages are longer than any window, a window is as long as what pandas writes: the peak is
/// the same then.
inline constexpr std::size_t kLongPageWindowRows = 20480;

/// What the memory plan counts on for the long pages of a file.
enum class LongPages : std::uint8_t {
    in_slices,  ///< and those that cannot be are decoded several times: these are few
    spilled     ///< or decoded several times, where there is no folder for temporary files
};

/// By what the first row group tells of the pages of `features` features. `text_pages`: of ids and
/// eras; large ones are held unless they are spilled.
LongPages plan_long_pages(const GroupFacts& pages, std::size_t features,
                          const TextFacts& text_pages) noexcept;

/// How the rows of a row group come into windows.
enum class GroupWay : std::uint8_t {
    decoded,        ///< its pages reach into a few windows at most
    in_slices,      ///< its pages are long, and read in slices
    decoded_again,  ///< its pages are long and decoded for each window, for want of anything else
    spilled         ///< its rows pass through a temporary file
};

/// What a row group needs: by the first pages of all its features, or of the one that stands for
/// them.
struct GroupNeeds {
    std::uint64_t rows = 0;        ///< of the group
    std::uint64_t page_rows = 0;   ///< of the one that stands for the others
    std::size_t features = 1;      ///< that were looked at
    std::size_t sliceable = 0;     ///< of these
    std::uint64_t other_rows = 0;  ///< of the longest page that is not
};

/// What the plan gives it.
struct GroupMeans {
    LongPages plan = LongPages::spilled;
    std::size_t window_rows = 0;
    /// The window's memory holds all rows of a column, and the largest page of ids.
    bool has_room_to_spill = false;
    bool takes_spill_files = true;  ///< as far as is known, there is a folder for them
};

GroupWay choose_way(const GroupNeeds& needs, const GroupMeans& means) noexcept;

/// Whether one feature is not enough to choose by: its pages are long, and whether the group is
/// read in slices or spilled depends on the others' pages. Looking at them takes a little of the
/// time that decoding does.
bool wants_all_features(const GroupNeeds& needs, const GroupMeans& means) noexcept;

}  // namespace erawise::decode
