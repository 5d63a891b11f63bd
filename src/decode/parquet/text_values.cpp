#include "decode/parquet/text_values.h"

#include <algorithm>
#include <cstring>

#include "decode/parquet/text_format.h"

namespace erawise::decode {
namespace {

bool is_bytes(const ParquetColumn& column) noexcept {
    return column.type == PhysicalType::byte_array || column.type == PhysicalType::fixed_byte_array;
}

/// Bytes of a value; of byte_array those of its length.
std::size_t width_of(const ParquetColumn& column) noexcept {
    return static_cast<std::size_t>(least_bits_of(column) / 8);
}

/// Of so many values as texts.
std::uint64_t most_characters(const ParquetColumn& column, std::uint64_t values,
                              std::uint64_t page_bytes) noexcept {
    constexpr std::uint64_t kUuidCharacters = 36;
    constexpr std::uint64_t kMostDigits = 32;  // of a moment, with its nanoseconds
    if (column.type == PhysicalType::byte_array) {
        return page_bytes - std::min(page_bytes, values * sizeof(std::uint32_t));
    }
    if (column.type != PhysicalType::fixed_byte_array) {
        return values * (is_timestamp(column.meaning) ? kMostDigits : 20);
    }
    return values * (column.meaning == Meaning::uuid ? kUuidCharacters : column.byte_width);
}

bool is_whole_number(Meaning meaning) noexcept {
    return meaning == Meaning::number || meaning == Meaning::unsigned_number;
}

}  // namespace

bool is_text(const ParquetColumn& column) noexcept {
    const Meaning meaning = column.meaning;
    if (column.shape != Shape::flat) {
        return false;
    }
    switch (column.type) {
        case PhysicalType::byte_array:
            return meaning == Meaning::text;
        case PhysicalType::fixed_byte_array:
            return (meaning == Meaning::text && column.byte_width > 0) ||
                   (meaning == Meaning::uuid && column.byte_width == kUuidBytes);
        case PhysicalType::int32:
            return is_whole_number(meaning) || meaning == Meaning::date;
        case PhysicalType::int64:
            return is_whole_number(meaning) || is_timestamp(meaning);
        default:
            return false;
    }
}

/// The least that a value takes bounds what is set aside for a damaged count.
bool TextDictionary::assign(const ParquetColumn& column, const Page& page) {
    characters_.clear();
    ends_.clear();
    if (page.rows > page.values.size() / std::max<std::size_t>(width_of(column), 1)) {
        return false;
    }
    ends_.reserve(page.rows);
    characters_.reserve(most_characters(column, page.rows, page.values.size()));
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

std::uint64_t TextDictionary::most_bytes(const ParquetColumn& column, std::uint64_t entries,
                                         std::uint64_t page_bytes) noexcept {
    return most_characters(column, entries, page_bytes) + entries * sizeof(std::uint32_t);
}

TextValues::TextValues(const ParquetColumn& column, const Page& page,
                       const TextDictionary& dictionary)
    : column_(column),
      encoding_(page.encoding),
      at_(page.values.data()),
      end_(page.values.data() + page.values.size()),
      dictionary_(&dictionary) {
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
        default:
            open_encoded(page);
    }
}

void TextValues::open_encoded(const Page& page) {
    switch (encoding_) {
        case Encoding::delta_binary_packed:
            is_valid_ = !is_bytes(column_);
            lengths_ = DeltaValues(page.values);
            break;
        case Encoding::delta_byte_array:
        case Encoding::delta_length_byte_array:
            open_byte_arrays(page);
            break;
        case Encoding::byte_stream_split:
            is_valid_ = column_.type != PhysicalType::byte_array && width_of(column_) > 0;
            split_values_ = is_valid_ ? page.values.size() / width_of(column_) : 0;
            break;
        default:
            break;
    }
}

/// The lengths stand in front of the bytes: there are no more than the page has rows.
void TextValues::open_byte_arrays(const Page& page) {
    const auto behind = [&](const DeltaValues& values) {
        return values.left() > page.rows ? nullptr : DeltaValues(values).finish();
    };
    if (!is_bytes(column_)) {
        return;
    }
    if (encoding_ == Encoding::delta_byte_array) {
        prefixes_ = DeltaValues(page.values);
        at_ = behind(prefixes_);
    }
    if (at_ != nullptr) {
        lengths_ = DeltaValues({at_, end_});
        at_ = behind(lengths_);
    }
    is_valid_ = at_ != nullptr;
}

std::optional<std::string_view> TextValues::next() {
    if (!is_valid_) {
        return std::nullopt;
    }
    std::optional<std::string_view> text;
    switch (encoding_) {
        case Encoding::plain_dictionary:
        case Encoding::rle_dictionary:
            text = next_of_dictionary();
            break;
        case Encoding::plain:
            text = next_plain();
            break;
        default:
            text = next_encoded();
    }
    const bool is_indexed =
        encoding_ == Encoding::plain_dictionary || encoding_ == Encoding::rle_dictionary;
    if (text && column_.meaning == Meaning::uuid && !is_indexed) {
        text = next_uuid(*text);
    }
    is_valid_ = text.has_value();
    return text;
}

/// The dictionary has them as texts already.
std::optional<std::string_view> TextValues::next_uuid(std::string_view bytes) {
    if (bytes.size() != kUuidBytes) {
        return std::nullopt;
    }
    uuid_.clear();
    append_uuid(uuid_, bytes);
    return uuid_;
}

std::optional<std::string_view> TextValues::next_encoded() {
    switch (encoding_) {
        case Encoding::delta_binary_packed:
            if (const auto value = lengths_.next()) {
                return next_number(*value);
            }
            return std::nullopt;
        case Encoding::delta_length_byte_array:
            if (const auto size = lengths_.next(); size && *size >= 0) {
                return take(static_cast<std::size_t>(*size));
            }
            return std::nullopt;
        case Encoding::byte_stream_split:
            return next_split();
        default:
            return next_with_prefix();
    }
}

/// Byte b of value i stands at b x values + i.
std::optional<std::string_view> TextValues::next_split() {
    if (next_split_ == split_values_) {
        return std::nullopt;
    }
    text_.resize(width_of(column_));
    for (std::size_t byte = 0; byte < text_.size(); ++byte) {
        text_[byte] = at_[byte * split_values_ + next_split_];
    }
    ++next_split_;
    return as_text(text_);
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
    text_.clear();
    append_number(text_, value, column_);
    return text_;
}

/// A value whose bytes are as many as its type has.
std::optional<std::string_view> TextValues::as_text(std::string_view bytes) {
    if (column_.type == PhysicalType::fixed_byte_array) {
        return bytes;
    }
    std::int64_t value = 0;
    std::memcpy(&value, bytes.data(), bytes.size());
    return next_number(value);
}

std::optional<std::string_view> TextValues::next_plain() {
    const auto bytes = take(width_of(column_));
    if (!bytes) {
        return std::nullopt;
    }
    if (column_.type != PhysicalType::byte_array) {
        return as_text(*bytes);
    }
    std::uint32_t size = 0;
    std::memcpy(&size, bytes->data(), sizeof size);
    return take(size);
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
