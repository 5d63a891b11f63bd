#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "decode/parquet_footer.h"
#include "decode/random_file.h"

namespace erawise::decode {

/// The bytes of a page without compression, piece by piece: for pages that are too large to be in
/// memory as a whole. It holds 128 KiB. Used by one thread at a time. Errors: Error(disk).
class PageStream {
  public:
    struct Place {
        std::uint64_t begin = 0;             ///< of the page's body in the file
        std::uint64_t compressed_bytes = 0;  ///< as they are in the file, levels among them
        std::uint64_t uncompressed_bytes = 0;
        std::uint64_t plain_bytes = 0;  ///< that come first and are never compressed: v2's levels
    };

    /// Whether pages of this codec can be read in pieces: those without, and snappy's. Others are
    /// read whole.
    static bool takes(Codec codec) noexcept;

    /// `codec`: takes() it. `file` must live as long.
    PageStream(const RandomFile& file, Codec codec, const Place& place);

    /// Fills `buffer`. False when the page is damaged or has no more bytes; also where it repeats
    /// what lies more than 64 KiB back, which the format allows and no writer does.
    bool read(std::span<char> buffer);

    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }

    /// Of the bytes in the file, once left() is 0. Empty when some of them were not needed.
    [[nodiscard]] std::optional<std::uint32_t> crc() const noexcept;

  private:
    bool fill_input();
    bool take_input(char* target, std::size_t size);
    bool read_snappy(std::span<char> buffer);
    bool next_element();
    bool number(unsigned bytes, std::uint32_t& value);
    void remember(const char* bytes, std::size_t size);
    void repeat(char* target, std::size_t size);

    const RandomFile& file_;
    bool is_snappy_;
    std::uint64_t next_;        ///< in the file, behind the input
    std::uint64_t input_left_;  ///< in the file, not read yet
    std::uint64_t plain_left_;
    std::uint64_t left_;
    std::uint32_t crc_ = 0;
    std::vector<char> input_;
    std::size_t input_at_ = 0;

    // The element at hand: bytes to copy from the input, or from what was unpacked before.
    bool has_length_ = false;  ///< the number in front of the elements was read
    std::uint64_t literal_left_ = 0;
    std::uint64_t copy_left_ = 0;
    std::size_t copy_distance_ = 0;
    std::vector<char> history_;   ///< a ring
    std::uint64_t unpacked_ = 0;  ///< went through the ring
};

}  // namespace erawise::decode
