#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace erawise::stats {

/// Columns of whole numbers from 0 to 15 as bit planes, all with as many planes: plane p of column
/// c begins at `words[(c * planes + p) * plane_words]`. Bits behind the last row are 0.
struct PlaneColumns {
    const std::uint64_t* words = nullptr;
    unsigned planes = 0;          ///< 1 to 4
    std::size_t plane_words = 0;  ///< a multiple of 8
};

/// Sums over the rows of the products of column `left` with the columns from `first` on, one per
/// element of `products`. The product of two numbers is a sum over pairs of their bits, so that the
/// sum is one of counts of common bits.
///
/// Written with Highway: the vector target is chosen at run time (util/vector_target.h).
void plane_products(const PlaneColumns& columns, std::size_t left, std::size_t first,
                    std::span<std::uint64_t> products) noexcept;

}  // namespace erawise::stats
