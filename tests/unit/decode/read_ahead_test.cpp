#include "decode/read_ahead.h"

#include <random>
#include <vector>

#include "decode/memory_source.h"
#include "support/expect_error.h"

namespace erawise::decode {
namespace {

std::string random_text(std::size_t size) {
    std::mt19937 generator(3);
    std::string text(size, ' ');
    for (char& c : text) {
        c = static_cast<char>('a' + generator() % 26);
    }
    return text;
}

class ReadAheadSizes : public testing::TestWithParam<std::size_t> {};

TEST_P(ReadAheadSizes, GivesTheSameBytesInPiecesOfAnySize) {
    const std::string text = random_text(GetParam());
    for (const std::size_t piece : {1000u, 262144u, 1000003u}) {
        const auto source = read_ahead(test::memory_source(text));
        std::string read;
        std::vector<char> buffer(piece);
        std::size_t count = 0;
        do {
            count = source->read(buffer);
            read.append(buffer.data(), count);
        } while (count == buffer.size());
        ASSERT_EQ(read, text);
        EXPECT_EQ(source->read(buffer), 0u);
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReadAheadSizes,
                         testing::Values(0u, 1u, kReadAheadBytes - 1, kReadAheadBytes,
                                         kReadAheadBytes + 1, 5 * kReadAheadBytes + 7));

TEST(ReadAhead, ErrorComesAtItsPlaceInTheStream) {
    const std::string text = random_text(3 * kReadAheadBytes);
    const auto source = read_ahead(std::make_unique<test::MemorySource>(text, 2 * kReadAheadBytes));
    std::vector<char> buffer(2 * kReadAheadBytes);
    EXPECT_EQ(source->read(buffer), buffer.size());
    test::expect_error(util::ErrorKind::data, [&] { source->read(buffer); });
}

TEST(ReadAhead, MayBeGivenUpAnywhere) {
    const std::string text = random_text(10 * kReadAheadBytes);
    const auto source = read_ahead(test::memory_source(text));
    std::vector<char> buffer(100);
    EXPECT_EQ(source->read(buffer), buffer.size());
}

}  // namespace
}  // namespace erawise::decode
