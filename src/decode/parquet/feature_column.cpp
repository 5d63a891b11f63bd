#include "decode/parquet/feature_column.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace erawise::decode {
namespace {

std::uint32_t bits_of(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

/// Codes of small whole numbers, which is what features are, as far as they were met.
class KnownCodes {
  public:
    KnownCodes() { codes_.fill(kUnknown); }

    LayoutFit code_of(FeatureColumn& column, float value, std::uint8_t& code,
                      const PagePlace& place) {
        // -0.0 is a level of its own.
        const bool is_small = value > 0 && value < kSlots;
        const std::size_t slot = is_small ? static_cast<std::size_t>(value) : 0;
        const bool has_slot = is_small ? static_cast<float>(slot) == value : bits_of(value) == 0;
        code = has_slot ? codes_[slot] : kUnknown;
        if (code != kUnknown) {
            return LayoutFit::fits;
        }
        const LayoutFit fit = decode::code_of(column, value, code, place);
        if (has_slot && fit == LayoutFit::fits) {
            codes_[slot] = code;
        }
        return fit;
    }

  private:
    static constexpr std::uint8_t kUnknown = 0xFF;
    static constexpr std::size_t kSlots = 16;
    std::array<std::uint8_t, kSlots> codes_;
};

}  // namespace

LayoutFit code_of(FeatureColumn& column, float value, std::uint8_t& code, const PagePlace& place) {
    era::Levels& levels = column.levels;
    if (std::isnan(value)) {
        value = std::numeric_limits<float>::quiet_NaN();
    } else if (!std::isfinite(value)) {
        place.pages.fail_infinite(*column.column, place.begin, value);
    }
    code = 0;
    while (code < levels.count && bits_of(levels.values[code]) != bits_of(value)) {
        ++code;
    }
    if (code == levels.count) {
        if (levels.count == era::kMaxLevels) {
            column.form = era::ColumnForm::plain;
            return LayoutFit::needs_new_layout;
        }
        levels.values[levels.count++] = value;
    }
    if (code >> column.planes != 0) {
        column.planes = era::kMaxPlanes;
        return LayoutFit::needs_new_layout;
    }
    return LayoutFit::fits;
}

LayoutFit encode(FeatureColumn& column, std::span<const float> values, const Planes& planes,
                 std::size_t position, const PagePlace& place) {
    KnownCodes known;
    for (std::size_t begin = 0; begin < values.size(); begin += 64) {
        const std::size_t count = std::min<std::size_t>(64, values.size() - begin);
        std::array<std::uint64_t, era::kMaxPlanes> words{};
        for (std::size_t i = 0; i < count; ++i) {
            std::uint8_t code = 0;
            if (known.code_of(column, values[begin + i], code, place) ==
                LayoutFit::needs_new_layout) {
                return LayoutFit::needs_new_layout;
            }
            for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
                words[plane] |= std::uint64_t{(code >> plane) & 1u} << i;
            }
        }
        for (unsigned plane = 0; plane < column.planes; ++plane) {
            put_bits(planes[plane], position + begin, words[plane], count);
        }
    }
    return LayoutFit::fits;
}

void learn(FeatureColumn& column, std::span<const float> values, const PagePlace& place) {
    KnownCodes known;
    std::uint8_t code = 0;
    for (const float value : values) {
        if (known.code_of(column, value, code, place) == LayoutFit::needs_new_layout &&
            column.form == era::ColumnForm::plain) {
            return;
        }
    }
}

bool null_takes_another_plane(const FeatureColumn& column) {
    const auto levels = column.levels.span();
    return column.column->is_optional && levels.size() == std::size_t{1} << column.planes &&
           std::ranges::none_of(levels, [](float level) { return std::isnan(level); });
}

}  // namespace erawise::decode
