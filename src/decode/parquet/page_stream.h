#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/parquet/page.h"
#include "decode/random_file.h"

namespace erawise::decode {

/// The bytes of a page without compression, piece by piece: for pages that are too large to be in
/// memory as a whole, or of which a part is wanted now and the rest later.
///
/// It holds what it reads at a time, and up to 64 KiB of what it unpacked where the page repeats
/// that. One object serves any number of pages, one after the other. Used by one thread at a time.
/// Errors: Error(disk).
class PageStream {
  public:
    struct Place {
        std::uint64_t begin = 0;             ///< of the page's body in the file
        std::uint64_t compressed_bytes = 0;  ///< as they are in the file, levels among them
        std::uint64_t uncompressed_bytes = 0;
        std::uint64_t plain_bytes = 0;  ///< that come first and are never compressed: v2's levels
        Codec codec = Codec::none;      ///< takes() it
        std::optional<std::uint32_t> checksum = {};  ///< of the bytes in the file
    };

    /// Where to go on in a page: bytes that were read are not unpacked again, unless the page
    /// repeats them.
    struct Mark {
        std::uint64_t position = 0;      ///< bytes of the page that were read
        std::uint64_t input = 0;         ///< of the page's body that were used up for them
        std::uint64_t literal_left = 0;  ///< of the element at hand
        std::uint64_t block_position = 0;
        std::uint64_t block_input = 0;
        std::uint64_t checked = 0;  ///< of the page's body that are in the checksum
        std::uint32_t crc = 0;
        bool has_length = false;
        bool is_within_copy = false;
    };

    /// What is read from the file at a time, if nothing else is said.
    static constexpr std::size_t kInputBytes = 64 * 1024;

    /// As far as a copy may reach back: most of snappy's writers pack blocks of that size, each by
    /// itself.
    static constexpr std::size_t kHistoryBytes = 64 * 1024;

    /// Of a page of `chunk`, by its header.
    static Place place_of(const ColumnChunk& chunk, const PageReader::Header& header) noexcept;

    /// Whether a page can be read in pieces: those without a codec, and snappy's. Others are read
    /// whole, as are those whose header cannot be right.
    static bool takes(const Place& place) noexcept;

    /// `file` must live as long.
    explicit PageStream(const RandomFile& file) : file_(file) {}

    /// Goes to the beginning of the page at `place`, or to a mark in it. `expected`: bytes of the
    /// page that will be read now.
    void open(const Place& place) { open(place, Mark{}, kInputBytes); }
    void open(const Place& place, const Mark& mark, std::size_t expected);

    [[nodiscard]] Mark mark() const noexcept;

    /// Fills `buffer`. False when the page is damaged or has no more bytes; also where it
    /// repeats_too_far().
    bool read(std::span<char> buffer);

    /// The next bytes of the page that lie together in memory; may be none. 64 bytes behind them
    /// may be read. Valid until the next call of another method but take().
    [[nodiscard]] std::span<const char> ready() const noexcept;

    /// Passes over bytes that are ready().
    void take(std::size_t count);

    /// Passes over bytes. False as in read().
    bool skip(std::uint64_t count);

    [[nodiscard]] std::uint64_t left() const noexcept {
        return place_.uncompressed_bytes - position_;
    }

    /// True when read() failed for a copy of what lies more than 64 KiB back, which some writers
    /// make: such a page has to be read whole.
    [[nodiscard]] bool repeats_too_far() const noexcept { return repeats_too_far_; }

    /// Passes over what is left of the page at `page` of `column`, and throws what `pages` does for
    /// damage when it does not unpack, has more bytes, or has another checksum.
    void finish(const PageReader& pages, const ParquetColumn& column, std::uint64_t page);

    /// Of the bytes in the file, when all were read. Empty when Place::checksum is.
    [[nodiscard]] std::optional<std::uint32_t> crc() const noexcept;

  private:
    [[nodiscard]] std::uint64_t input_position() const noexcept;
    [[nodiscard]] std::uint64_t unpacked() const noexcept;
    void seek(const Mark& mark);
    bool fill_input();
    bool take_input(char* target, std::size_t size);
    bool read_part(std::span<char> buffer, std::size_t& done);
    bool next_element();
    bool number(unsigned bytes, std::uint32_t& value);
    bool go_back_for_history();
    void remember(const char* bytes, std::size_t size);
    void repeat(char* target, std::size_t size);

    const RandomFile& file_;
    Place place_;
    std::uint64_t position_ = 0;  ///< bytes of the page that were read

    std::vector<char> input_;  ///< with padding behind
    std::size_t input_size_ = 0;
    std::size_t input_at_ = 0;
    std::size_t input_step_ = kInputBytes;
    std::uint64_t next_ = 0;     ///< of the page's body, behind the input
    std::uint64_t checked_ = 0;  ///< of the page's body, in crc_
    std::uint32_t crc_ = 0;

    // Snappy: the element at hand, bytes to copy from the input or from what was unpacked before.
    bool has_length_ = false;  ///< the number in front of the elements was read
    std::uint64_t literal_left_ = 0;
    std::uint64_t copy_left_ = 0;
    std::size_t copy_distance_ = 0;
    std::uint64_t block_position_ = 0;  ///< where the last block began that is packed by itself
    std::uint64_t block_input_ = 0;
    bool repeats_too_far_ = false;
    bool is_damaged_ = false;  ///< the mark cannot be reached again

    std::vector<char> history_;        ///< a ring; empty until a copy asks for it
    std::uint64_t history_begin_ = 0;  ///< unpacked bytes from here on are in the ring
    bool keeps_history_ = false;
};

}  // namespace erawise::decode
