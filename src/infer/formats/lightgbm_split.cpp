#include <cmath>
#include <limits>

#include "infer/formats/lightgbm_model.h"

namespace erawise::infer {
namespace {

float smallest_float_above(double threshold) noexcept {
    constexpr float kLargest = std::numeric_limits<float>::max();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    if (threshold >= kLargest) {
        return kInfinity;
    }
    if (threshold < -kLargest) {
        return -kLargest;
    }
    const auto nearest = static_cast<float>(threshold);
    return nearest > threshold ? nearest : std::nextafter(nearest, kInfinity);
}

/// Where no number that counts as zero lies between the answers.
float around_zero(double threshold) noexcept {
    constexpr double kZero = kZeroThreshold;
    if (threshold >= 0 && threshold < kZero) {
        return smallest_float_above(kZero);
    }
    if (threshold < 0 && threshold >= -kZero) {
        return -kZeroThreshold;
    }
    return smallest_float_above(threshold);
}

}  // namespace

TreeNode to_split(const LightgbmSplit& split) noexcept {
    TreeNode node;
    node.value = around_zero(split.threshold);
    node.or_equal = split.threshold == std::numeric_limits<double>::infinity() ? 1 : 0;
    const bool zero_goes_left = 0 < node.value;
    const bool default_left =
        split.missing == LightgbmSplit::Missing::none ? zero_goes_left : split.default_left;
    node.default_left = default_left ? 1 : 0;
    if (split.missing == LightgbmSplit::Missing::zero && zero_goes_left != default_left) {
        node.zero_is_missing = 1;
    }
    return node;
}

}  // namespace erawise::infer
