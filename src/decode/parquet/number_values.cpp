#include "decode/parquet/number_values.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace erawise::decode {
namespace {

std::size_t width_of(const ParquetColumn& column) {
    switch (column.type) {
        case PhysicalType::int32:
        case PhysicalType::float32:
            return 4;
        case PhysicalType::int64:
        case PhysicalType::float64:
            return 8;
        case PhysicalType::fixed_byte_array:
            return column.byte_width;
        case PhysicalType::boolean:
        case PhysicalType::int96:
        case PhysicalType::byte_array:
            break;
    }
    return 0;
}

float half_to_float(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000u) << 16;
    const std::uint32_t exponent = (half >> 10) & 0x1F;
    const std::uint32_t mantissa = half & 0x3FF;
    if (exponent == 0) {
        const float value = std::ldexp(static_cast<float>(mantissa), -24);
        return sign != 0 ? -value : value;
    }
    const std::uint32_t bits =
        exponent == 0x1F ? 0xFFu << 23 | mantissa << 13 : (exponent + 112) << 23 | mantissa << 13;
    return std::bit_cast<float>(sign | bits);
}

/// Rounded once, whether to float or to double.
template <typename Number>
Number integer_to(std::int64_t value, PhysicalType type, Meaning meaning) {
    if (meaning == Meaning::unsigned_number) {
        return type == PhysicalType::int32 ? static_cast<Number>(static_cast<std::uint32_t>(value))
                                           : static_cast<Number>(static_cast<std::uint64_t>(value));
    }
    return static_cast<Number>(value);
}

/// A value from its bytes, lowest first.
template <typename Number>
Number decode_fixed(std::uint64_t bits, PhysicalType type, Meaning meaning) {
    switch (type) {
        case PhysicalType::int32:
            return integer_to<Number>(static_cast<std::int32_t>(bits), type, meaning);
        case PhysicalType::int64:
            return integer_to<Number>(static_cast<std::int64_t>(bits), type, meaning);
        case PhysicalType::float32:
            return static_cast<Number>(std::bit_cast<float>(static_cast<std::uint32_t>(bits)));
        case PhysicalType::float64:
            return static_cast<Number>(std::bit_cast<double>(bits));
        default:
            return static_cast<Number>(half_to_float(static_cast<std::uint16_t>(bits)));
    }
}

bool is_dictionary(Encoding encoding) {
    return encoding == Encoding::plain_dictionary || encoding == Encoding::rle_dictionary;
}

}  // namespace

bool is_number(const ParquetColumn& column) noexcept {
    if (column.shape != Shape::flat) {
        return false;
    }
    switch (column.type) {
        case PhysicalType::boolean:
        case PhysicalType::float32:
        case PhysicalType::float64:
            return true;
        case PhysicalType::int32:
        case PhysicalType::int64:
            return column.meaning == Meaning::number || column.meaning == Meaning::unsigned_number;
        case PhysicalType::fixed_byte_array:
            return column.meaning == Meaning::half && column.byte_width == 2;
        case PhysicalType::int96:
        case PhysicalType::byte_array:
            break;
    }
    return false;
}

NumberValues::NumberValues(const ParquetColumn& column, const Page& page, std::size_t values,
                           std::span<const float> dictionary, era::Piece piece)
    : type_(column.type),
      meaning_(column.meaning),
      encoding_(page.encoding),
      piece_(piece),
      width_(width_of(column)),
      bytes_(page.values),
      values_(values),
      dictionary_(dictionary) {
    if (is_dictionary(encoding_)) {
        index_bits_ = bytes_.empty() ? 0 : static_cast<std::uint8_t>(bytes_.front());
        is_valid_ = values == 0 || (!bytes_.empty() && index_bits_ <= 32);
        runs_ = is_valid_ && !bytes_.empty() ? HybridRuns(bytes_.subspan(1), index_bits_)
                                             : HybridRuns();
    } else if (encoding_ == Encoding::rle) {
        // Booleans: a length, then runs.
        std::uint32_t size = 0;
        is_valid_ = type_ == PhysicalType::boolean && bytes_.size() >= sizeof size;
        if (is_valid_) {
            std::memcpy(&size, bytes_.data(), sizeof size);
            is_valid_ = size <= bytes_.size() - sizeof size;
            index_bits_ = 1;
            runs_ = is_valid_ ? HybridRuns(bytes_.subspan(sizeof size, size), 1) : HybridRuns();
        }
    } else if (encoding_ == Encoding::delta_binary_packed) {
        is_valid_ = type_ == PhysicalType::int32 || type_ == PhysicalType::int64;
        deltas_ = is_valid_ ? DeltaValues(bytes_) : DeltaValues();
    } else if (encoding_ == Encoding::plain || encoding_ == Encoding::byte_stream_split) {
        const bool is_split = encoding_ == Encoding::byte_stream_split;
        is_valid_ = type_ == PhysicalType::boolean ? !is_split && bytes_.size() >= (values + 7) / 8
                                                   : width_ > 0 && bytes_.size() / width_ >= values;
    } else {
        is_valid_ = encoding_ == Encoding::delta_byte_array &&
                    type_ == PhysicalType::fixed_byte_array && width_ <= sizeof last_;
        if (is_valid_) {
            open_prefixed(values);
        }
    }
}

/// Lengths of prefixes, lengths of suffixes, suffixes: no more of each than there are values.
void NumberValues::open_prefixed(std::size_t values) {
    const auto behind = [&](const DeltaValues& lengths) {
        return lengths.left() > values ? nullptr : DeltaValues(lengths).finish();
    };
    const char* const end = bytes_.data() + bytes_.size();
    prefixes_ = DeltaValues(bytes_);
    const char* at = behind(prefixes_);
    if (at != nullptr) {
        deltas_ = DeltaValues({at, end});
        at = behind(deltas_);
    }
    is_valid_ = at != nullptr;
    suffixes_ = is_valid_ ? std::span(at, end) : std::span<const char>();
}

/// A value has the first bytes of the one before it, and its own last ones.
bool NumberValues::read_prefixed(std::span<float> target) {
    for (float& value : target) {
        const std::optional<std::int64_t> prefix = prefixes_.next();
        const std::optional<std::int64_t> size = deltas_.next();
        if (!prefix || !size || *prefix < 0 || *size < 0 ||
            static_cast<std::uint64_t>(*size) > suffixes_.size() ||
            static_cast<std::uint64_t>(*prefix) + static_cast<std::uint64_t>(*size) != width_) {
            return false;
        }
        const auto count = static_cast<std::size_t>(*size);
        std::memcpy(reinterpret_cast<char*>(&last_) + *prefix, suffixes_.data(), count);
        suffixes_ = suffixes_.subspan(count);
        value = value_of(last_);
    }
    return true;
}

bool NumberValues::read(std::span<float> target) {
    if (!is_valid_ || target.size() > values_ - next_) {
        return false;
    }
    if (is_dictionary(encoding_)) {
        is_valid_ = read_indices(target);
    } else if (encoding_ == Encoding::rle) {
        is_valid_ = read_runs(target, [this](std::uint32_t bit, float& value) {
            value = era::piece_of(bit != 0 ? 1.0 : 0.0, piece_);
            return true;
        });
    } else if (encoding_ == Encoding::delta_binary_packed) {
        is_valid_ = read_delta(target);
    } else if (encoding_ == Encoding::byte_stream_split) {
        is_valid_ = read_split(target);
    } else if (encoding_ == Encoding::delta_byte_array) {
        is_valid_ = read_prefixed(target);
    } else {
        is_valid_ = type_ == PhysicalType::boolean ? read_booleans(target) : read_fixed(target);
    }
    next_ += target.size();
    return is_valid_;
}

float NumberValues::value_of(std::uint64_t bits) const {
    return piece_ == era::Piece::whole
               ? decode_fixed<float>(bits, type_, meaning_)
               : era::piece_of(decode_fixed<double>(bits, type_, meaning_), piece_);
}

bool NumberValues::read_fixed(std::span<float> target) {
    if (target.empty()) {
        return true;  // a page of nulls has no bytes to point to
    }
    const char* from = bytes_.data() + next_ * width_;
    if (type_ == PhysicalType::float32 && piece_ == era::Piece::whole) {
        std::memcpy(target.data(), from, target.size_bytes());
        return true;
    }
    for (float& value : target) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, from, width_);
        value = value_of(bits);
        from += width_;
    }
    return true;
}

/// Byte b of value i stands at b x values + i.
bool NumberValues::read_split(std::span<float> target) {
    const std::size_t stride = bytes_.size() / width_;
    for (std::size_t i = 0; i < target.size(); ++i) {
        std::uint64_t bits = 0;
        for (std::size_t byte = 0; byte < width_; ++byte) {
            const char part = bytes_[byte * stride + next_ + i];
            bits |= std::uint64_t{static_cast<std::uint8_t>(part)} << (8 * byte);
        }
        target[i] = value_of(bits);
    }
    return true;
}

bool NumberValues::read_delta(std::span<float> target) {
    for (float& value : target) {
        const std::optional<std::int64_t> next = deltas_.next();
        if (!next) {
            return false;
        }
        // int32 columns wrap around in 32 bits: the type says so.
        value = value_of(static_cast<std::uint64_t>(*next));
    }
    return true;
}

template <typename Take>
bool NumberValues::read_runs(std::span<float> target, Take&& take) {
    std::size_t done = 0;
    while (done < target.size()) {
        const HybridRuns::Run run = runs_.next(target.size() - done);
        if (run.count == 0) {
            return false;
        }
        for (std::size_t i = 0; i < run.count; ++i) {
            const std::uint32_t value = run.kind == HybridRuns::Kind::repeated
                                            ? run.value
                                            : packed_value(run.bytes, run.first + i, index_bits_);
            if (!take(value, target[done + i])) {
                return false;
            }
        }
        done += run.count;
    }
    return true;
}

bool NumberValues::read_indices(std::span<float> target) {
    return read_runs(target, [this](std::uint32_t index, float& value) {
        if (index >= dictionary_.size()) {
            return false;
        }
        value = dictionary_[index];
        return true;
    });
}

bool NumberValues::read_booleans(std::span<float> target) {
    for (std::size_t i = 0; i < target.size(); ++i) {
        const std::size_t bit = next_ + i;
        const bool is_set = (static_cast<std::uint8_t>(bytes_[bit / 8]) >> (bit % 8) & 1) != 0;
        target[i] = era::piece_of(is_set ? 1.0 : 0.0, piece_);
    }
    return true;
}

}  // namespace erawise::decode
