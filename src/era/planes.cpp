#include "era/planes.h"

namespace erawise::era {
namespace {

using Word = std::uint64_t;
constexpr std::size_t kWordBits = 64;

}  // namespace

void map_codes(const Planes& planes, std::size_t rows, unsigned width, const CodeMap& map,
               unsigned new_width) noexcept {
    const std::size_t codes = std::size_t{1} << width;
    for (std::size_t word = 0; word * kWordBits < rows; ++word) {
        // `where[c]`: the rows that have code c.
        std::array<Word, kMaxLevels> where;
        where[0] = ~Word{0};
        for (unsigned plane = 0; plane < width; ++plane) {
            const Word bits = planes[plane][word];
            for (std::size_t code = 0; code < std::size_t{1} << plane; ++code) {
                where[code + (std::size_t{1} << plane)] = where[code] & bits;
                where[code] &= ~bits;
            }
        }
        for (unsigned plane = 0; plane < new_width; ++plane) {
            Word bits = 0;
            for (std::size_t code = 0; code < codes; ++code) {
                bits |= where[code] & (~Word{0} * ((map[code] >> plane) & 1u));
            }
            planes[plane][word] = bits;
        }
    }
}

}  // namespace erawise::era
