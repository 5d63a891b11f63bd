#pragma once

#include <cstddef>
#include <cstdint>

namespace erawise::decode {

/// What the pages of a feature's chunk tell, beside the column's form and its levels so far.
struct PageFacts {
    std::uint32_t page_rows = 0;         ///< of the first one
    bool is_sliceable = false;           ///< the first one need not be in memory as a whole
    std::uint64_t page_bytes = 0;        ///< of the largest, compressed and not
    std::uint64_t held_bytes = 0;        ///< of the largest that is not sliceable, or not long
    std::uint64_t dictionary_bytes = 0;  ///< of its values
};

/// The same of several features in a row group.
struct GroupFacts {
    std::size_t sliceable = 0;            ///< features whose first page is
    std::size_t sample = SIZE_MAX;        ///< the first of them
    std::uint32_t other_rows = 0;         ///< of the longest first page of the others
    std::size_t other_sample = SIZE_MAX;  ///< the first feature that has one
    std::uint64_t most_bytes = 0;         ///< of a page
    std::uint64_t most_held_bytes = 0;    ///< of a page that is not sliceable, or not long
    std::uint64_t dictionary_bytes = 0;   ///< of the values of a dictionary

    void add(const PageFacts& facts, std::size_t feature) noexcept;
    /// The same whatever the order in which features were looked at.
    void add(const GroupFacts& other) noexcept;
};

/// What pages of ids, eras and kinds of rows take in a row group.
struct TextFacts {
    std::uint64_t bytes = 0;               ///< dictionaries, pages that are not large
    std::uint64_t large_bytes = 0;         ///< large pages, one of each column
    std::uint64_t largest_page_bytes = 0;  ///< of these; 0: there is none
};

}  // namespace erawise::decode
