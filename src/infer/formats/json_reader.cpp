#include "infer/formats/json_reader.h"

#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "infer/formats/model_bytes.h"
#include "infer/formats/model_events.h"

namespace erawise::infer {
namespace {

/// Old files have numbers of many digits, but none of so many.
constexpr std::size_t kLongestNumber = 1024;

bool is_digit(int c) {
    return c >= '0' && c <= '9';
}

bool may_be_in_number(int c) {
    return is_digit(c) || c == '-' || c == '+' || c == '.' || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
}

/// Goes over digits; whether there were any.
bool pass_digits(std::string_view& text) {
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(digits);
    return digits > 0;
}

bool pass(std::string_view& text, std::string_view any_of) {
    const bool found = !text.empty() && any_of.contains(text.front());
    text.remove_prefix(found ? 1 : 0);
    return found;
}

/// Whether the text is a number by the grammar of JSON.
bool is_number(std::string_view text) {
    pass(text, "-");
    if (!pass(text, "0") && !pass_digits(text)) {
        return false;
    }
    if (pass(text, ".") && !pass_digits(text)) {
        return false;
    }
    if (pass(text, "eE")) {
        pass(text, "+-");
        if (!pass_digits(text)) {
            return false;
        }
    }
    return text.empty();
}

bool is_special_number(std::string_view text) {
    return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

/// The nearest float64; infinity or zero for numbers beyond.
double to_number(const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} ? value : std::strtod(text.c_str(), nullptr);
}

/// Appends a code point as UTF-8.
void append_utf8(std::string& text, std::uint32_t code) {
    const auto tail = [&](unsigned shift) {
        text += static_cast<char>(0x80 | ((code >> shift) & 0x3F));
    };
    if (code < 0x80) {
        text += static_cast<char>(code);
    } else if (code < 0x800) {
        text += static_cast<char>(0xC0 | (code >> 6));
        tail(0);
    } else if (code < 0x10000) {
        text += static_cast<char>(0xE0 | (code >> 12));
        tail(6);
        tail(0);
    } else {
        text += static_cast<char>(0xF0 | (code >> 18));
        tail(12);
        tail(6);
        tail(0);
    }
}

class Reader {
  public:
    Reader(std::istream& stream, ModelEvents& events) : bytes_(stream), events_(events) {}

    void document() {
        value();
        if (next_sign() != -1) {
            throw BrokenDocument{"there is more behind the document"};
        }
    }

    [[nodiscard]] std::uint64_t position() const noexcept { return bytes_.position(); }

  private:
    /// Goes over white space; the sign behind it stays the next one. -1 at the end.
    int next_sign() {
        int sign = bytes_.peek();
        while (sign == ' ' || sign == '\n' || sign == '\r' || sign == '\t') {
            bytes_.next();
            sign = bytes_.peek();
        }
        return sign;
    }

    void expect(char expected) {
        const int found = next_sign();
        if (found == -1) {
            throw BrokenDocument{"the document ends early"};
        }
        if (found != expected) {
            throw BrokenDocument{fmt::format("'{}' should stand here", expected)};
        }
        bytes_.next();
    }

    /// Whether the next sign is this one, which is consumed then.
    bool has(char sign) {
        const bool found = next_sign() == sign;
        if (found) {
            bytes_.next();
        }
        return found;
    }

    void value() {
        switch (next_sign()) {
            case '{':
                return object();
            case '[':
                return array();
            case '"':
                text();
                return require_accepted(events_.string(text_));
            default:
                return word();
        }
    }

    void object() {
        expect('{');
        require_accepted(events_.begin_object());
        if (!has('}')) {
            do {
                text();
                expect(':');
                require_accepted(events_.key(text_));
                value();
            } while (has(','));
            expect('}');
        }
        require_accepted(events_.end_object());
    }

    void array() {
        expect('[');
        require_accepted(events_.begin_array());
        if (!has(']')) {
            do {
                value();
            } while (has(','));
            expect(']');
        }
        require_accepted(events_.end_array());
    }

    /// A number, true, false or null.
    void word() {
        text_.clear();
        while (may_be_in_number(bytes_.peek()) && text_.size() < kLongestNumber) {
            text_ += bytes_.next();
        }
        if (is_number(text_) || is_special_number(text_)) {
            return require_accepted(events_.number(to_number(text_), text_));
        }
        if (text_ == "true" || text_ == "false") {
            return require_accepted(events_.number(text_ == "true" ? 1 : 0));
        }
        if (text_ == "null") {
            return require_accepted(events_.null());
        }
        const bool has_ended = text_.empty() && bytes_.peek() == -1;
        throw BrokenDocument{has_ended ? "the document ends early"
                                       : "no value stands where one begins"};
    }

    /// A text in quotes, into text_.
    void text() {
        expect('"');
        text_.clear();
        for (char c = bytes_.next(); c != '"'; c = bytes_.next()) {
            if (static_cast<unsigned char>(c) < 0x20) {
                throw BrokenDocument{"a text does not end in its line"};
            }
            if (c == '\\') {
                escape();
            } else {
                text_ += c;
            }
            text_.resize(std::min(text_.size(), kLongestText));
        }
    }

    void escape() {
        constexpr std::string_view kEscapes = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        const char c = bytes_.next();
        if (c == 'u') {
            return append_utf8(text_, code_point());
        }
        const std::size_t found = kEscapes.find(c);
        if (found == std::string_view::npos) {
            throw BrokenDocument{"a backslash without a meaning"};
        }
        text_ += kMeanings[found];
    }

    /// Behind `\u`: four hexadecimal digits, or a pair of surrogates.
    std::uint32_t code_point() {
        const std::uint32_t first = code_unit();
        if (first < 0xD800 || first > 0xDFFF) {
            return first;
        }
        const bool has_second = first < 0xDC00 && bytes_.next() == '\\' && bytes_.next() == 'u';
        const std::uint32_t second = has_second ? code_unit() : 0;
        if (second < 0xDC00 || second > 0xDFFF) {
            throw BrokenDocument{"half of a surrogate pair"};
        }
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    std::uint32_t code_unit() {
        const char* const digits = bytes_.next(4);
        std::uint32_t unit = 0;
        if (std::from_chars(digits, digits + 4, unit, 16).ptr != digits + 4) {
            throw BrokenDocument{"four hexadecimal digits should stand here"};
        }
        return unit;
    }

    ModelBytes bytes_;
    ModelEvents& events_;
    std::string text_;
};

}  // namespace

void read_json(std::istream& stream, ModelEvents& events) {
    Reader reader(stream, events);
    read_document(reader, events);
}

}  // namespace erawise::infer
