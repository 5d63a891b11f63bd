#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace erawise::decode {

/// Reads Thrift's compact protocol, which Parquet's footer and page headers are written in
/// (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md).
///
/// Nothing is built from what is read: the caller takes the fields that it knows as they pass by
/// and skips the others, so that memory does not grow with the text. Input may come in pieces.
/// Damage is Error(data) with the place.
class ThriftReader {
  public:
    /// The bytes that follow the ones given before; empty at the end.
    using Refill = std::function<std::span<const char>()>;

    /// Wire types. A boolean's value is in its type.
    enum class Type : std::uint8_t {
        stop,
        true_value,
        false_value,
        int8,
        int16,
        int32,
        int64,
        real,
        binary,
        list,
        set,
        map,
        structure
    };

    /// `name` and `position` (of the first byte in the file) stand in messages. `refill` may be
    /// empty.
    ThriftReader(std::span<const char> bytes, Refill refill, std::string_view name,
                 std::uint64_t position)
        : at_(bytes.data()),
          end_(bytes.data() + bytes.size()),
          refill_(std::move(refill)),
          name_(name),
          base_(position) {
        begin_ = at_;
    }

    /// Calls `field(id, type)` for each field of a struct; it takes the value or skips it.
    template <typename Field>
    void read_struct(Field&& field) {
        const Depth depth(*this);
        std::int16_t id = 0;
        while (true) {
            const std::uint8_t header = byte();
            if (header == 0) {
                return;
            }
            const std::uint8_t delta = header >> 4;
            id = static_cast<std::int16_t>(delta != 0 ? id + delta : zigzag());
            field(id, checked_type(header & 0x0F));
        }
    }

    /// Calls `element(type)` for each element of a list. `type` is what the field's header said.
    template <typename Element>
    void read_list(Type type, Element&& element) {
        const ListHeader header = list_header(type);
        const Depth depth(*this);
        for (std::uint32_t i = 0; i < header.size; ++i) {
            element(header.element);
        }
    }

    /// A boolean is 0 or 1: fastparquet writes one in the place of an enumeration.
    [[nodiscard]] std::int64_t integer(Type type);
    [[nodiscard]] std::int32_t int32(Type type);
    [[nodiscard]] static bool boolean(Type type) { return type == Type::true_value; }

    /// A string, or the first `most` bytes of a longer one: what is not kept takes no memory.
    [[nodiscard]] std::string text(Type type, std::size_t most);

    void skip(Type type);

    /// Of the next byte, in the file.
    [[nodiscard]] std::uint64_t position() const noexcept {
        return base_ + static_cast<std::uint64_t>(at_ - begin_);
    }

    /// The bytes are damaged.
    [[noreturn]] void fail(std::string_view what) const;
    /// They may be right, but nothing here can read what they say.
    [[noreturn]] void refuse(std::string_view what) const;

  private:
    struct ListHeader {
        std::uint32_t size;
        Type element;
    };
    /// Structures within structures; damage must not exhaust the stack.
    class Depth {
      public:
        explicit Depth(ThriftReader& reader) : reader_(reader) {
            constexpr unsigned kMaxDepth = 24;
            if (++reader_.depth_ > kMaxDepth) {
                reader_.fail("structures are nested too deeply");
            }
        }
        ~Depth() { --reader_.depth_; }
        Depth(const Depth&) = delete;
        Depth& operator=(const Depth&) = delete;

      private:
        ThriftReader& reader_;
    };

    [[nodiscard]] std::uint8_t byte() {
        if (at_ == end_) {
            more();
        }
        return static_cast<std::uint8_t>(*at_++);
    }
    void more();
    void skip_bytes(std::uint64_t count);
    void skip_element(Type type);
    [[nodiscard]] std::uint64_t varint();
    [[nodiscard]] std::int64_t zigzag() {
        const std::uint64_t value = varint();
        return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
    }
    [[nodiscard]] Type checked_type(std::uint8_t type) const;
    [[nodiscard]] ListHeader list_header(Type type);
    void expect(bool is_right) const {
        if (!is_right) {
            fail("a field has another type than expected");
        }
    }

    const char* begin_;
    const char* at_;
    const char* end_;
    Refill refill_;
    std::string_view name_;
    std::uint64_t base_;
    unsigned depth_ = 0;
};

}  // namespace erawise::decode
