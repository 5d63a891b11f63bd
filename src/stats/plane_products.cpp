// This file is compiled once per vector target: Highway includes it again for each of them.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "stats/plane_products.cpp"
#include <hwy/foreach_target.h>  // must come before highway.h

#include <hwy/highway.h>

#include "stats/plane_products.h"

HWY_BEFORE_NAMESPACE();
namespace erawise::stats::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Words = hn::CappedTag<std::uint64_t, 8>;
using Bytes = hn::Repartition<std::uint8_t, Words>;

/// Counts are kept in bytes for so many steps: at most four pairs of planes have the same weight,
/// and each adds up to 8.
constexpr std::size_t kStepsInBytes = 7;

template <unsigned Planes>
HWY_INLINE std::uint64_t product(const std::uint64_t* left, const std::uint64_t* right,
                                 std::size_t plane_words) {
    constexpr Words words;
    constexpr Bytes bytes;
    constexpr unsigned kWeights = 2 * Planes - 1;
    const std::size_t lanes = hn::Lanes(words);
    auto total = hn::Zero(words);
    for (std::size_t begin = 0; begin < plane_words; begin += kStepsInBytes * lanes) {
        const std::size_t end = HWY_MIN(plane_words, begin + kStepsInBytes * lanes);
        hn::Vec<Bytes> counts[kWeights];
        for (auto& count : counts) {
            count = hn::Zero(bytes);
        }
        for (std::size_t word = begin; word < end; word += lanes) {
            hn::Vec<Bytes> of_right[Planes];
            for (unsigned q = 0; q < Planes; ++q) {
                of_right[q] = hn::BitCast(bytes, hn::LoadU(words, right + q * plane_words + word));
            }
            for (unsigned p = 0; p < Planes; ++p) {
                const auto of_left =
                    hn::BitCast(bytes, hn::LoadU(words, left + p * plane_words + word));
                for (unsigned q = 0; q < Planes; ++q) {
                    counts[p + q] =
                        hn::Add(counts[p + q], hn::PopulationCount(hn::And(of_left, of_right[q])));
                }
            }
        }
        for (unsigned weight = 0; weight < kWeights; ++weight) {
            total = hn::Add(
                total, hn::ShiftLeftSame(hn::SumsOf8(counts[weight]), static_cast<int>(weight)));
        }
    }
    return hn::ReduceSum(words, total);
}

template <unsigned Planes>
HWY_INLINE void products_of(const PlaneColumns& columns, std::size_t left, std::size_t first,
                            std::span<std::uint64_t> products) {
    const std::size_t column_words = Planes * columns.plane_words;
    for (std::size_t i = 0; i < products.size(); ++i) {
        products[i] =
            product<Planes>(columns.words + left * column_words,
                            columns.words + (first + i) * column_words, columns.plane_words);
    }
}

void Products(const PlaneColumns& columns, std::size_t left, std::size_t first,
              std::span<std::uint64_t> products) {
    switch (columns.planes) {
        case 1:
            return products_of<1>(columns, left, first, products);
        case 2:
            return products_of<2>(columns, left, first, products);
        case 3:
            return products_of<3>(columns, left, first, products);
        default:
            return products_of<4>(columns, left, first, products);
    }
}

}  // namespace erawise::stats::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace erawise::stats {

HWY_EXPORT(Products);

void plane_products(const PlaneColumns& columns, std::size_t left, std::size_t first,
                    std::span<std::uint64_t> products) noexcept {
    HWY_DYNAMIC_DISPATCH(Products)(columns, left, first, products);
}

}  // namespace erawise::stats
#endif
