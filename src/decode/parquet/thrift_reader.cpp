#include "decode/parquet/thrift_reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "util/error.h"

namespace erawise::decode {

void ThriftReader::fail(std::string_view what) const {
    throw util::Error(
        util::ErrorKind::data,
        fmt::format("{}: the Parquet metadata at byte {} is damaged: {}; download the file again",
                    name_, position(), what));
}

void ThriftReader::refuse(std::string_view what) const {
    throw util::Error(
        util::ErrorKind::data,
        fmt::format("{}: the Parquet metadata at byte {}: {}, which this version does "
                    "not read; write the file without it",
                    name_, position(), what));
}

void ThriftReader::more() {
    const std::span<const char> bytes = refill_ ? refill_() : std::span<const char>();
    if (bytes.empty()) {
        fail("it ends too early");
    }
    base_ = position();
    begin_ = at_ = bytes.data();
    end_ = at_ + bytes.size();
}

std::uint64_t ThriftReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        const std::uint8_t next = byte();
        value |= std::uint64_t{next & 0x7Fu} << shift;
        if ((next & 0x80) == 0) {
            return value;
        }
    }
    fail("a number is too long");
}

ThriftReader::Type ThriftReader::checked_type(std::uint8_t type) const {
    if (type > static_cast<std::uint8_t>(Type::structure)) {
        fail("a field has an unknown type");
    }
    return static_cast<Type>(type);
}

ThriftReader::ListHeader ThriftReader::list_header(Type type) {
    expect(type == Type::list || type == Type::set);
    const std::uint8_t header = byte();
    std::uint64_t size = header >> 4;
    if (size == 15) {
        size = varint();
    }
    if (size > INT32_MAX) {
        fail("a list is absurdly long");
    }
    return {static_cast<std::uint32_t>(size), checked_type(header & 0x0F)};
}

std::int64_t ThriftReader::integer(Type type) {
    if (type == Type::int8) {
        return static_cast<std::int8_t>(byte());
    }
    if (type == Type::true_value || type == Type::false_value) {
        return boolean(type) ? 1 : 0;
    }
    expect(type == Type::int16 || type == Type::int32 || type == Type::int64);
    return zigzag();
}

std::int32_t ThriftReader::int32(Type type) {
    const std::int64_t value = integer(type);
    if (value < INT32_MIN || value > INT32_MAX) {
        fail("a number is out of range");
    }
    return static_cast<std::int32_t>(value);
}

std::string ThriftReader::text(Type type, std::size_t most) {
    expect(type == Type::binary);
    const std::uint64_t size = varint();
    const auto kept = static_cast<std::size_t>(std::min<std::uint64_t>(size, most));
    std::string text;
    while (text.size() < kept) {
        if (at_ == end_) {
            more();
        }
        const std::size_t count =
            std::min(static_cast<std::size_t>(end_ - at_), kept - text.size());
        text.append(at_, count);
        at_ += count;
    }
    skip_bytes(size - kept);
    return text;
}

void ThriftReader::skip_bytes(std::uint64_t count) {
    while (count > 0) {
        if (at_ == end_) {
            more();
        }
        const std::uint64_t here = std::min(count, static_cast<std::uint64_t>(end_ - at_));
        at_ += here;
        count -= here;
    }
}

void ThriftReader::skip_element(Type type) {
    if (type == Type::true_value || type == Type::false_value) {
        skip_bytes(1);  // in a list a boolean takes a byte
    } else {
        skip(type);
    }
}

void ThriftReader::skip(Type type) {
    switch (type) {
        case Type::stop:
            fail("a field without a type");
        case Type::true_value:
        case Type::false_value:
            return;
        case Type::int8:
            return skip_bytes(1);
        case Type::int16:
        case Type::int32:
        case Type::int64:
            static_cast<void>(varint());
            return;
        case Type::real:
            return skip_bytes(8);
        case Type::binary:
            return skip_bytes(varint());
        case Type::list:
        case Type::set:
            return read_list(type, [&](Type element) { skip_element(element); });
        case Type::map: {
            const std::uint64_t size = varint();
            const std::uint8_t types = size == 0 ? 0 : byte();
            const Depth depth(*this);
            for (std::uint64_t i = 0; i < size; ++i) {
                skip_element(checked_type(types >> 4));
                skip_element(checked_type(types & 0x0F));
            }
            return;
        }
        case Type::structure:
            return read_struct([&](std::int16_t, Type field) { skip(field); });
    }
}

}  // namespace erawise::decode
