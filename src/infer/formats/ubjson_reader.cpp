#include "infer/formats/ubjson_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string>

#include "infer/formats/model_bytes.h"
#include "infer/formats/model_events.h"

namespace erawise::infer {
namespace {

/// Numbers are big-endian.
template <typename Number>
Number number_at(const char* bytes) {
    std::array<char, sizeof(Number)> raw;
    std::memcpy(raw.data(), bytes, sizeof(Number));
    if constexpr (std::endian::native == std::endian::little) {
        std::ranges::reverse(raw);
    }
    return std::bit_cast<Number>(raw);
}

/// Calls `body` with a value of the type that the marker stands for; false for other markers.
template <typename Body>
bool with_number_type(char marker, Body&& body) {
    switch (marker) {
        case 'i':
            body(std::int8_t{});
            return true;
        case 'U':
            body(std::uint8_t{});
            return true;
        case 'I':
            body(std::int16_t{});
            return true;
        case 'l':
            body(std::int32_t{});
            return true;
        case 'L':
            body(std::int64_t{});
            return true;
        case 'd':
            body(float{});
            return true;
        case 'D':
            body(double{});
            return true;
        default:
            return false;
    }
}

class Reader {
  public:
    Reader(std::istream& stream, ModelEvents& events) : bytes_(stream), events_(events) {}

    void document() { value(marker()); }

    [[nodiscard]] std::uint64_t position() const noexcept { return bytes_.position(); }

  private:
    /// `$type#count`, `#count` or nothing in front of a container's members.
    struct Container {
        char type = 0;  ///< 0: each member has a marker of its own
        bool has_count = false;
        std::uint64_t count = 0;
    };

    char marker() {
        char found = bytes_.next();
        while (found == 'N') {  // no-op
            found = bytes_.next();
        }
        return found;
    }

    void value(char type) {
        const bool is_number = with_number_type(type, [&]<typename Number>(Number) {
            require_accepted(events_.number(
                static_cast<double>(number_at<Number>(bytes_.next(sizeof(Number))))));
        });
        if (is_number) {
            return;
        }
        switch (type) {
            case 'T':
            case 'F':
                return require_accepted(events_.number(type == 'T' ? 1 : 0));
            case 'S':
                text(length(marker()));
                return require_accepted(events_.string(text_));
            case 'C':
                text_ = bytes_.next();
                return require_accepted(events_.string(text_));
            case '[':
                return array();
            case '{':
                return object();
            case 'Z':
                return require_accepted(events_.null());
            default:
                throw BrokenDocument{fmt::format("0x{:02x} stands where a value begins",
                                                 static_cast<unsigned char>(type))};
        }
    }

    /// Of a string or a container.
    std::uint64_t length(char type) {
        std::int64_t result = -1;
        const bool is_number = with_number_type(type, [&]<typename Number>(Number) {
            if constexpr (std::integral<Number>) {
                result = number_at<Number>(bytes_.next(sizeof(Number)));
            }
        });
        if (!is_number || result < 0) {
            throw BrokenDocument{"a length that is no positive whole number"};
        }
        return static_cast<std::uint64_t>(result);
    }

    /// Into text_, piece by piece: a length that is a lie reserves nothing.
    void text(std::uint64_t size) {
        text_.clear();
        while (size > 0) {
            const auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(size, 4096));
            const char* const bytes = bytes_.next(piece);
            text_.append(bytes, std::min(piece, kLongestText - text_.size()));
            size -= piece;
        }
    }

    /// Reads what stands in front of the members; `first` is the first marker behind it.
    Container container(char& first) {
        Container result;
        first = bytes_.next();
        if (first == '$') {
            result.type = bytes_.next();
            first = bytes_.next();
            if (first != '#') {
                throw BrokenDocument{"a container with a type and no count"};
            }
        }
        if (first == '#') {
            result.has_count = true;
            result.count = length(bytes_.next());
        }
        return result;
    }

    void array() {
        require_accepted(events_.begin_array());
        char first = 0;
        const Container head = container(first);
        if (head.type != 0) {
            typed_members(head);
        } else if (head.has_count) {
            for (std::uint64_t i = 0; i < head.count; ++i) {
                value(marker());
            }
        } else {
            for (char type = first == 'N' ? marker() : first; type != ']'; type = marker()) {
                value(type);
            }
        }
        require_accepted(events_.end_array());
    }

    void typed_members(const Container& head) {
        const bool is_number = with_number_type(head.type, [&]<typename Number>(Number) {
            if (events_.takes_numbers()) {
                numbers<Number>(head.count);
            } else {
                require_accepted(events_.pass_over(head.count));
                bytes_.skip(head.count * sizeof(Number));
            }
        });
        for (std::uint64_t i = 0; i < head.count && !is_number; ++i) {
            value(head.type);
        }
    }

    template <typename Number>
    void numbers(std::uint64_t count) {
        constexpr std::size_t kAtOnce = 1024;
        while (count > 0) {
            const auto some = static_cast<std::size_t>(std::min<std::uint64_t>(count, kAtOnce));
            const char* const begin = bytes_.next(some * sizeof(Number));
            for (std::size_t i = 0; i < some; ++i) {
                require_accepted(events_.number(
                    static_cast<double>(number_at<Number>(begin + i * sizeof(Number)))));
            }
            count -= some;
        }
    }

    void object() {
        require_accepted(events_.begin_object());
        char first = 0;
        const Container head = container(first);
        if (head.has_count) {
            for (std::uint64_t i = 0; i < head.count; ++i) {
                member(marker(), head.type);
            }
        } else {
            for (char type = first == 'N' ? marker() : first; type != '}'; type = marker()) {
                member(type, 0);
            }
        }
        require_accepted(events_.end_object());
    }

    /// A key, whose length begins with `length_type`, and its value.
    void member(char length_type, char type) {
        text(length(length_type));
        require_accepted(events_.key(text_));
        value(type == 0 ? marker() : type);
    }

    ModelBytes bytes_;
    ModelEvents& events_;
    std::string text_;
};

}  // namespace

void read_ubjson(std::istream& stream, ModelEvents& events) {
    Reader reader(stream, events);
    read_document(reader, events);
}

}  // namespace erawise::infer
