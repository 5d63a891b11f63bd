#include "era/number_pieces.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <memory>
#include <random>

namespace erawise::era {
namespace {

using Limits = std::numeric_limits<double>;

/// A batch of one row that has the pieces of a value.
EraBatch batch_with(double value) {
    auto layout = std::make_shared<BlockLayout>();
    for (std::size_t i = 0; i < kNumberPieces; ++i) {
        layout->add(ColumnForm::plain, 0);
    }
    EraBatch batch(layout->block_bytes);
    batch.reset(layout, "1");
    batch.ids.push_back("a");
    batch.values(0, 0)[0] = piece_of(value, Piece::high);
    batch.values(0, 1)[0] = piece_of(value, Piece::middle);
    batch.values(0, 2)[0] = piece_of(value, Piece::low);
    return batch;
}

void expect_same_bits(double value) {
    EXPECT_EQ(std::bit_cast<std::uint64_t>(number_at(batch_with(value), 0, 0)),
              std::bit_cast<std::uint64_t>(value))
        << value;
}

TEST(NumberPieces, EveryBitOfAFiniteNumberComesBack) {
    for (const double value : {0.0, -0.0, 1.0, -1.0, 0.1, 1e-300, -1e300, 1 + Limits::epsilon(),
                               Limits::denorm_min(), Limits::min(), Limits::max()}) {
        expect_same_bits(value);
    }
    std::mt19937_64 generator(1);
    for (int i = 0; i < 100'000; ++i) {
        const auto value = std::bit_cast<double>(generator());
        if (std::isfinite(value)) {
            expect_same_bits(value);
        }
    }
}

TEST(NumberPieces, MissingIsMissing) {
    EXPECT_TRUE(std::isnan(number_at(batch_with(Limits::quiet_NaN()), 0, 0)));
    EXPECT_TRUE(std::isnan(piece_of(Limits::quiet_NaN(), Piece::whole)));
}

TEST(NumberPieces, DecodersSeeWhatIsInfinite) {
    EXPECT_TRUE(std::isinf(piece_of(Limits::infinity(), Piece::low)));
    EXPECT_TRUE(std::isinf(piece_of(1e300, Piece::whole)));
}

TEST(NumberPieces, TheWholeIsTheValueAsFloat) {
    EXPECT_EQ(piece_of(0.1, Piece::whole), 0.1F);
}

}  // namespace
}  // namespace erawise::era
