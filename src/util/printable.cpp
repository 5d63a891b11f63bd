#include "util/printable.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace erawise::util {
namespace {

/// Well-formed UTF-8 by its first byte and the range of its second; all that follow are 80 to BF.
/// Source: The Unicode Standard, table 3-7, without the control characters U+0080 to U+009F.
struct Sequence {
    std::uint8_t first;
    std::uint8_t last;
    std::uint8_t second_from;
    std::uint8_t second_to;
    std::size_t length;
};

constexpr std::array kSequences = {
    Sequence{0xC2, 0xC2, 0xA0, 0xBF, 2}, Sequence{0xC3, 0xDF, 0x80, 0xBF, 2},
    Sequence{0xE0, 0xE0, 0xA0, 0xBF, 3}, Sequence{0xE1, 0xEC, 0x80, 0xBF, 3},
    Sequence{0xED, 0xED, 0x80, 0x9F, 3}, Sequence{0xEE, 0xEF, 0x80, 0xBF, 3},
    Sequence{0xF0, 0xF0, 0x90, 0xBF, 4}, Sequence{0xF1, 0xF3, 0x80, 0xBF, 4},
    Sequence{0xF4, 0xF4, 0x80, 0x8F, 4}};

bool is_continuation(char byte) {
    return (static_cast<std::uint8_t>(byte) & 0xC0) == 0x80;
}

/// Bytes of the printable character at the front of a text that is not empty; 0 when none is there.
std::size_t character_bytes(std::string_view text) {
    const auto first = static_cast<std::uint8_t>(text[0]);
    if (first < 0x80) {
        return first >= 0x20 && first != 0x7F ? 1 : 0;
    }
    const auto* const sequence = std::ranges::find_if(
        kSequences, [&](const Sequence& s) { return first >= s.first && first <= s.last; });
    if (sequence == kSequences.end() || text.size() < sequence->length) {
        return 0;
    }
    const auto second = static_cast<std::uint8_t>(text[1]);
    const bool well_formed =
        second >= sequence->second_from && second <= sequence->second_to &&
        std::ranges::all_of(text.substr(2, sequence->length - 2), is_continuation);
    return well_formed ? sequence->length : 0;
}

}  // namespace

std::string printable(std::string_view text, LineBreaks line_breaks) {
    std::string shown;
    shown.reserve(text.size());
    while (!text.empty()) {
        const std::size_t bytes = character_bytes(text);
        const bool kept = text[0] == '\n' && line_breaks == LineBreaks::keep;
        if (bytes == 0) {
            shown += kept ? '\n' : '?';
        }
        shown.append(text.substr(0, bytes));
        text.remove_prefix(std::max<std::size_t>(bytes, 1));
    }
    return shown;
}

}  // namespace erawise::util
