#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decode/parquet/delta_values.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/hybrid_runs.h"
#include "decode/parquet/page.h"

namespace erawise::decode {

/// The strings of a dictionary page, one after the other.
class TextDictionary {
  public:
    /// Empties and fills it. False when the page is damaged.
    bool assign(const ParquetColumn& column, const Page& page);

    /// What `entries` of `column` take at most, whose page has so many bytes.
    static std::uint64_t most_bytes(const ParquetColumn& column, std::uint64_t entries,
                                    std::uint64_t page_bytes) noexcept;

    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t index) const {
        const std::size_t begin = index == 0 ? 0 : ends_[index - 1];
        return std::string_view(characters_).substr(begin, ends_[index] - begin);
    }
    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return characters_.capacity() + ends_.capacity() * sizeof(std::uint32_t);
    }

  private:
    std::string characters_;
    std::vector<std::uint32_t> ends_;
};

/// True when a column of this type can be read as texts: strings and bytes as they are, whole
/// numbers in decimal, dates and times as ISO 8601 has them, UUIDs with their hyphens.
bool is_text(const ParquetColumn& column) noexcept;

/// Reads the texts of a page (ids, eras, kinds of rows), one at a time; nulls are not among them.
/// Refers to the page's bytes and to the dictionary.
class TextValues {
  public:
    TextValues() = default;
    TextValues(const ParquetColumn& column, const Page& page, const TextDictionary& dictionary);

    /// Valid until the next call. Empty when the page is damaged or has no more.
    std::optional<std::string_view> next();

  private:
    void open_encoded(const Page& page);
    void open_byte_arrays(const Page& page);
    std::optional<std::string_view> take(std::size_t size);
    std::optional<std::string_view> next_encoded();
    std::optional<std::string_view> next_number(std::int64_t value);
    std::optional<std::string_view> next_uuid(std::string_view bytes);
    std::optional<std::string_view> as_text(std::string_view bytes);
    std::optional<std::string_view> next_split();
    std::optional<std::string_view> next_plain();
    std::optional<std::string_view> next_of_dictionary();
    std::optional<std::string_view> next_with_prefix();

    ParquetColumn column_;
    Encoding encoding_ = Encoding::plain;
    bool is_valid_ = false;
    const char* at_ = nullptr;
    const char* end_ = nullptr;
    unsigned index_bits_ = 0;
    HybridRuns runs_;
    HybridRuns::Run run_;
    std::size_t split_values_ = 0;  ///< how many a page of BYTE_STREAM_SPLIT has
    std::size_t next_split_ = 0;
    DeltaValues prefixes_;
    DeltaValues lengths_;
    const TextDictionary* dictionary_ = nullptr;
    std::string text_;
    std::string uuid_;
};

}  // namespace erawise::decode
