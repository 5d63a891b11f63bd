#include "decode/csv/quotes.h"

#include <algorithm>

namespace erawise::decode {
namespace {

/// Where a byte stands in its field.
enum class State : std::uint8_t { at_begin, unquoted, in_quotes, behind_quote };

constexpr State after(State state, char byte) noexcept {
    if (state == State::in_quotes) {
        return byte == '"' ? State::behind_quote : State::in_quotes;
    }
    if (byte == ',' || byte == '\n') {
        return State::at_begin;
    }
    if (byte == '"' && state != State::unquoted) {
        return State::in_quotes;  // behind a quote, this one stands for a letter
    }
    return State::unquoted;
}

/// Calls `body(index, state)` for each byte with the state before it, until it returns false.
template <typename Body>
State for_each_byte(std::string_view text, Body&& body) {
    State state = State::at_begin;
    for (std::size_t i = 0; i < text.size() && body(i, state); ++i) {
        state = after(state, text[i]);
    }
    return state;
}

bool is_lone_return(std::string_view text, std::size_t at) noexcept {
    return text[at] == '\r' && at + 1 < text.size() && text[at + 1] != '\n';
}

bool is_separator(char byte, State state) noexcept {
    return state != State::in_quotes && (byte == ',' || byte == '\n');
}

/// `is_wanted(index, state)` picks bytes; the place of the first one, or of the last.
enum class Pick : std::uint8_t { first, last };
template <typename IsWanted>
TextPlace find_place(std::string_view text, Pick pick, IsWanted&& is_wanted) {
    TextPlace here;
    TextPlace found;
    for_each_byte(text, [&](std::size_t i, State state) {
        if (is_wanted(i, state)) {
            found = here;
            if (pick == Pick::first) {
                return false;
            }
        }
        here.bytes = i + 1;
        here.lines += text[i] == '\n' ? 1U : 0U;
        if (is_separator(text[i], state)) {
            here.fields = text[i] == '\n' ? 0 : here.fields + 1;
        }
        return true;
    });
    return found;
}

}  // namespace

SeparatorCount scan_odd_quotes(std::string_view text, std::uint32_t* separators,
                               std::uint32_t* row_ends) noexcept {
    SeparatorCount count;
    const State end = for_each_byte(text, [&](std::size_t i, State state) {
        if (is_separator(text[i], state)) {
            separators[count.separators++] = static_cast<std::uint32_t>(i);
            if (text[i] == '\n') {
                row_ends[count.rows++] = static_cast<std::uint32_t>(count.separators);
            }
        }
        count.has_lone_returns =
            count.has_lone_returns || (state != State::in_quotes && is_lone_return(text, i));
        return true;
    });
    count.has_quotes = true;
    count.ends_in_quotes = end == State::in_quotes;
    return count;
}

std::string_view unquoted(std::string_view raw, std::string& buffer) {
    if (!raw.starts_with('"')) {
        return raw;
    }
    std::size_t end = raw.find('"', 1);
    if (end + 1 == raw.size()) {
        return raw.substr(1, end - 1);
    }
    buffer.clear();
    std::size_t begin = 1;
    while (end + 1 < raw.size() && raw[end + 1] == '"') {
        buffer += raw.substr(begin, end + 1 - begin);
        begin = end + 2;
        end = raw.find('"', begin);
    }
    buffer += raw.substr(begin, end - begin);
    buffer += raw.substr(std::min(end, raw.size() - 1) + 1);
    return buffer;
}

TextPlace find_lone_return(std::string_view text) noexcept {
    return find_place(text, Pick::first, [&](std::size_t i, State state) {
        return state != State::in_quotes && is_lone_return(text, i);
    });
}

TextPlace find_open_quote(std::string_view text) noexcept {
    return find_place(text, Pick::last, [&](std::size_t i, State state) {
        return text[i] == '"' && state == State::at_begin;
    });
}

}  // namespace erawise::decode
