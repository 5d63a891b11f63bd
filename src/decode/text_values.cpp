#include "decode/text_values.h"

#include <charconv>
#include <cstring>

namespace erawise::decode {

bool is_text(const ParquetColumn& column) noexcept {
    switch (column.type) {
        case PhysicalType::byte_array:
        case PhysicalType::fixed_byte_array:
            return column.meaning == Meaning::text;
        case PhysicalType::int32:
        case PhysicalType::int64:
            return column.meaning == Meaning::number || column.meaning == Meaning::unsigned_number;
        default:
            return false;
    }
}

bool TextDictionary::assign(const ParquetColumn& column, const Page& page) {
    characters_.clear();
    ends_.clear();
    Page plain = page;
    plain.encoding = Encoding::plain;
    TextValues values(column, plain, *this);
    for (std::uint32_t i = 0; i < page.rows; ++i) {
        const std::optional<std::string_view> text = values.next();
        if (!text) {
            return false;
        }
        characters_.append(*text);
        ends_.push_back(static_cast<std::uint32_t>(characters_.size()));
    }
    return true;
}

TextValues::TextValues(const ParquetColumn& column, const Page& page,
                       const TextDictionary& dictionary)
    : column_(column),
      encoding_(page.encoding),
      at_(page.values.data()),
      end_(page.values.data() + page.values.size()),
      dictionary_(&dictionary) {
    const bool is_bytes =
        column.type == PhysicalType::byte_array || column.type == PhysicalType::fixed_byte_array;
    switch (encoding_) {
        case Encoding::plain:
            is_valid_ = true;
            break;
        case Encoding::plain_dictionary:
        case Encoding::rle_dictionary:
            index_bits_ = at_ == end_ ? 0 : static_cast<std::uint8_t>(*at_);
            is_valid_ = at_ != end_ && index_bits_ <= 32;
            if (is_valid_) {
                runs_ = HybridRuns(page.values.subspan(1), index_bits_);
            }
            break;
        case Encoding::delta_binary_packed:
            is_valid_ = !is_bytes;
            lengths_ = DeltaValues(page.values);
            break;
        case Encoding::delta_byte_array:
        case Encoding::delta_length_byte_array: {
            is_valid_ = is_bytes;
            if (encoding_ == Encoding::delta_byte_array) {
                prefixes_ = DeltaValues(page.values);
                at_ = DeltaValues(prefixes_).finish();
            }
            if (at_ != nullptr) {
                lengths_ = DeltaValues({at_, end_});
                at_ = DeltaValues(lengths_).finish();
            }
            is_valid_ = is_valid_ && at_ != nullptr;
            break;
        }
        default:
            break;
    }
}

std::optional<std::string_view> TextValues::next() {
    if (!is_valid_) {
        return std::nullopt;
    }
    std::optional<std::string_view> text;
    switch (encoding_) {
        case Encoding::plain:
            text = next_plain();
            break;
        case Encoding::delta_binary_packed:
            if (const auto value = lengths_.next()) {
                text = next_number(*value);
            }
            break;
        case Encoding::delta_length_byte_array:
            if (const auto size = lengths_.next(); size && *size >= 0) {
                text = take(static_cast<std::size_t>(*size));
            }
            break;
        case Encoding::delta_byte_array:
            text = next_with_prefix();
            break;
        default:
            text = next_of_dictionary();
    }
    is_valid_ = text.has_value();
    return text;
}

std::optional<std::string_view> TextValues::take(std::size_t size) {
    if (size > static_cast<std::size_t>(end_ - at_)) {
        return std::nullopt;
    }
    const std::string_view text(at_, size);
    at_ += size;
    return text;
}

std::optional<std::string_view> TextValues::next_number(std::int64_t value) {
    text_.resize(24);
    const bool is_unsigned = column_.meaning == Meaning::unsigned_number;
    const bool is_narrow = column_.type == PhysicalType::int32;
    std::to_chars_result result{};
    char* const begin = text_.data();
    char* const end = begin + text_.size();
    if (is_unsigned) {
        const auto wide = static_cast<std::uint64_t>(value);
        result = std::to_chars(begin, end, is_narrow ? static_cast<std::uint32_t>(wide) : wide);
    } else {
        result = std::to_chars(begin, end, is_narrow ? static_cast<std::int32_t>(value) : value);
    }
    return std::string_view(begin, result.ptr);
}

std::optional<std::string_view> TextValues::next_plain() {
    switch (column_.type) {
        case PhysicalType::byte_array: {
            std::uint32_t size = 0;
            const auto prefix = take(sizeof size);
            if (!prefix) {
                return std::nullopt;
            }
            std::memcpy(&size, prefix->data(), sizeof size);
            return take(size);
        }
        case PhysicalType::fixed_byte_array:
            return take(column_.byte_width);
        default: {
            const std::size_t width = column_.type == PhysicalType::int32 ? 4 : 8;
            const auto bytes = take(width);
            if (!bytes) {
                return std::nullopt;
            }
            std::int64_t value = 0;
            std::memcpy(&value, bytes->data(), width);
            return next_number(value);
        }
    }
}

std::optional<std::string_view> TextValues::next_of_dictionary() {
    if (run_.count == 0) {
        run_ = runs_.next(SIZE_MAX);
        if (run_.count == 0) {
            return std::nullopt;
        }
    }
    const std::uint32_t index = run_.kind == HybridRuns::Kind::repeated
                                    ? run_.value
                                    : packed_value(run_.bytes, run_.first++, index_bits_);
    --run_.count;
    if (index >= dictionary_->size()) {
        return std::nullopt;
    }
    return (*dictionary_)[index];
}

std::optional<std::string_view> TextValues::next_with_prefix() {
    const auto prefix = prefixes_.next();
    const auto size = lengths_.next();
    if (!prefix || !size || *prefix < 0 || *size < 0 ||
        static_cast<std::uint64_t>(*prefix) > text_.size()) {
        return std::nullopt;
    }
    const auto suffix = take(static_cast<std::size_t>(*size));
    if (!suffix) {
        return std::nullopt;
    }
    text_.resize(static_cast<std::size_t>(*prefix));
    text_.append(*suffix);
    return text_;
}

}  // namespace erawise::decode
