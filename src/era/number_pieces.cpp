#include "era/number_pieces.h"

#include <bit>
#include <cmath>
#include <limits>

namespace erawise::era {
namespace {

constexpr unsigned kLowBits = 21;
constexpr std::uint64_t kLowMask = (std::uint64_t{1} << kLowBits) - 1;

}  // namespace

float piece_of(double value, Piece piece) noexcept {
    if (piece == Piece::whole || !std::isfinite(value)) {
        return static_cast<float>(value);
    }
    const auto bits = std::bit_cast<std::uint64_t>(value);
    switch (piece) {
        case Piece::high:
            return static_cast<float>(bits >> (2 * kLowBits));
        case Piece::middle:
            return static_cast<float>((bits >> kLowBits) & kLowMask);
        default:
            return static_cast<float>(bits & kLowMask);
    }
}

double number_at(const EraBatch& batch, std::size_t row, std::size_t first) {
    std::uint64_t bits = 0;
    for (std::size_t piece = 0; piece < kNumberPieces; ++piece) {
        const float value = batch.value(row, first + piece);
        if (std::isnan(value)) {
            return std::numeric_limits<double>::quiet_NaN();
        }
        bits = bits << kLowBits | static_cast<std::uint64_t>(value);
    }
    return std::bit_cast<double>(bits);
}

}  // namespace erawise::era
