#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "decode/parquet/footer.h"
#include "decode/random_file.h"
#include "util/error.h"

namespace erawise::decode {

enum class PageKind : std::uint8_t { data, dictionary, other };

/// Kernels read whole words: so many bytes behind those of a page may be read, whatever they are.
inline constexpr std::size_t kPagePadding = 64;

/// A page of a column chunk. The spans point into the reader's buffers and end with its next page;
/// kPagePadding bytes behind `values` and `levels` may be read.
struct Page {
    PageKind kind = PageKind::other;
    Encoding encoding = Encoding::plain;
    std::uint32_t rows = 0;        ///< values with nulls; of a dictionary page its entries
    std::span<const char> levels;  ///< definition levels, RLE/bit-packed; empty for columns without
    std::span<const char> values;
    std::uint64_t begin = 0;  ///< in the file
    std::uint64_t next = 0;   ///< the page behind it
};

/// What is wrong with a page whose bytes and header do not fit.
inline constexpr const char* kDoesNotUnpack = "it does not unpack into what its header says";

/// Memory for one page may grow to this; pages that Parquet writers make by default have 1 MiB.
struct PageLimits {
    std::uint64_t bytes = std::uint64_t{256} << 20;
};

/// A page is larger than the limit: with `bytes()` for pages it would be read.
class PageTooLarge final : public util::Error {
  public:
    PageTooLarge(std::string message, std::uint64_t bytes)
        : Error(util::ErrorKind::memory, std::move(message)), bytes_(bytes) {}

    [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

  private:
    std::uint64_t bytes_;
};

/// Reads the pages of one column chunk after the other; holds one page, compressed and not.
///
/// Checks every length against the file, and the page's CRC when it has one. Errors: Error(data)
/// with column and byte; PageTooLarge; Error(disk). Used by one thread at a time.
class PageReader {
  public:
    PageReader(const RandomFile& file, PageLimits limits) : file_(file), limits_(limits) {}

    void set_limits(PageLimits limits) noexcept { limits_ = limits; }

    /// What its header says of a page: read before its bytes are asked for.
    struct Header {
        std::uint64_t begin = 0;  ///< in the file
        PageKind kind = PageKind::other;
        Encoding encoding = Encoding::plain;
        std::uint32_t rows = 0;
        std::uint32_t compressed_bytes = 0;
        std::uint32_t uncompressed_bytes = 0;
        std::uint32_t repetition_bytes = 0;  ///< v2: repetition levels, which come first
        std::uint32_t level_bytes = 0;       ///< v2: definition levels behind them
        std::uint32_t header_bytes = 0;
        std::uint32_t crc = 0;
        bool has_crc = false;
        bool is_v2 = false;
        bool is_compressed = true;
        bool has_plain_levels = false;  ///< levels in the deprecated encoding

        /// Levels of a v2 page: they are never compressed.
        [[nodiscard]] std::uint64_t front_bytes() const noexcept {
            return std::uint64_t{repetition_bytes} + level_bytes;
        }

        /// Where the next page begins.
        [[nodiscard]] std::uint64_t end() const noexcept {
            return begin + header_bytes + compressed_bytes;
        }
    };
    /// Only the header of the page at `offset` of `chunk`, a chunk of `column`, however large the
    /// page is. Index pages are passed over. The page that is held is lost.
    Header read_header(const ParquetColumn& column, const ColumnChunk& chunk, std::uint64_t offset);

    /// Reads the page at `offset`, or behind index pages there. The page that is held already is
    /// not read again.
    const Page& read(const ParquetColumn& column, const ColumnChunk& chunk, std::uint64_t offset);
    /// The page whose header was just read.
    const Page& read(const ParquetColumn& column, const ColumnChunk& chunk, const Header& header);

    /// What a page takes in memory, compressed and not.
    static std::uint64_t bytes_of(const ColumnChunk& chunk, const Header& header) noexcept;

    /// The pages that come next need not be as large as the one before: no more is read ahead of a
    /// header than it takes.
    void expect_any_size() noexcept { guess_ = kLeastRead; }

    /// Whether the limit has room for a page.
    [[nodiscard]] bool has_room_for(const ColumnChunk& chunk, const Header& header) const noexcept;

    /// Whether the page at `offset` is held.
    [[nodiscard]] bool holds(std::uint64_t offset) const noexcept {
        return held_.next != 0 && held_.begin == offset;
    }

    /// Memory that nobody else uses for a while: pages go there as far as they fit. An empty span
    /// ends it; the page that is held is lost both times.
    void borrow(std::span<char> memory);

    /// Throws Error(data): file, column, place of the page, what is wrong with it.
    [[noreturn]] void fail(const ParquetColumn& column, std::uint64_t offset,
                           const std::string& what) const;

    /// The same for a value that no model takes: the file is as it should be.
    [[noreturn]] void fail_infinite(const ParquetColumn& column, std::uint64_t offset,
                                    float value) const;

    /// The same of a page whose checksum is not what its header says.
    [[noreturn]] void fail_checksum(const ParquetColumn& column, std::uint64_t offset,
                                    std::uint32_t crc, std::uint32_t wanted) const;

    /// What is no damage: `what` says why it is not read, and what to do about it.
    [[noreturn]] void refuse(const ParquetColumn& column, std::uint64_t offset,
                             const std::string& what) const;

    /// Changes whenever the bytes of the page that is held change.
    [[nodiscard]] std::uint64_t generation() const noexcept { return generation_; }

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept {
        return input_.capacity + output_.capacity;
    }

  private:
    struct Buffer {
        std::unique_ptr<char[]> owned;
        char* bytes = nullptr;
        std::size_t capacity = 0;
    };

    void reserve(Buffer& buffer, std::size_t size, std::size_t kept);

    void load(std::uint64_t offset, std::uint64_t bytes, std::uint64_t end);
    [[nodiscard]] std::span<const char> loaded_from(std::uint64_t offset) const noexcept;
    Header parse_header(const ParquetColumn& column, const ColumnChunk& chunk,
                        std::uint64_t offset);
    void check_size(const Header& header, const ParquetColumn& column,
                    const ColumnChunk& chunk) const;
    void check_memory(const Header& header, const ParquetColumn& column,
                      const ColumnChunk& chunk) const;
    void take_body(const Header& header, const ParquetColumn& column, const ColumnChunk& chunk);
    std::span<const char> uncompressed(const Header& header, const ParquetColumn& column,
                                       const ColumnChunk& chunk, std::span<const char> body);
    void split(const Header& header, const ParquetColumn& column, std::span<const char> body);
    const RandomFile& file_;
    PageLimits limits_;
    Buffer input_;  ///< bytes of the file from loaded_at_ on
    std::uint64_t loaded_at_ = 0;
    std::size_t loaded_ = 0;
    Buffer output_;
    std::span<char> borrowed_;  ///< the input begins at its front, the output ends at its back
    static constexpr std::size_t kLeastRead = 4096;
    std::size_t guess_ = kLeastRead;  ///< what a page takes in the file, from the one before
    Page held_;
    std::uint64_t generation_ = 0;
};

}  // namespace erawise::decode
