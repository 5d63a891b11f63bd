#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace erawise::decode {

/// The number in front of a run, seven bits a byte. `next_byte(byte)` gives the next byte, or says
/// no. False when there are too few or too many.
template <typename NextByte>
bool read_run_header(NextByte&& next_byte, std::uint64_t& header) {
    header = 0;
    std::uint8_t byte = 0x80;
    for (unsigned shift = 0; (byte & 0x80) != 0; shift += 7) {
        if (shift > 35 || !next_byte(byte)) {
            return false;
        }
        header |= std::uint64_t{byte & 0x7Fu} << shift;
    }
    return true;
}

/// Passes over `count` values of the runs that `next_run(limit)` gives. False when there are not so
/// many.
template <typename NextRun>
bool skip_values(NextRun&& next_run, std::size_t count) {
    while (count > 0) {
        const auto run = next_run(count);
        if (run.count == 0) {
            return false;
        }
        count -= run.count;
    }
    return true;
}

/// The runs of Parquet's RLE/bit-packing hybrid: dictionary indices, definition levels, booleans.
/// Nothing is unpacked here; runs may be taken in pieces. A plain value, cheap to copy.
class HybridRuns {
  public:
    HybridRuns() = default;
    /// `width`: bits per value, 0 to 32.
    HybridRuns(std::span<const char> bytes, unsigned width)
        : at_(bytes.data()), end_(bytes.data() + bytes.size()), width_(width) {}

    enum class Kind : std::uint8_t { repeated, packed };
    struct Run {
        Kind kind = Kind::repeated;
        std::uint32_t value = 0;      ///< repeated
        const char* bytes = nullptr;  ///< packed: value 0 of the run starts here
        std::size_t first = 0;        ///< packed: the number of the first value within it
        std::size_t count = 0;        ///< 0: the bytes are damaged, or there are no more
    };

    /// The next values of one kind, at most `limit` of them.
    Run next(std::size_t limit) noexcept {
        if (run_.count == 0) {
            read_run();
        }
        Run piece = run_;
        piece.count = std::min(piece.count, limit);
        run_.count -= piece.count;
        run_.first += piece.count;
        return piece;
    }

  private:
    void read_run() noexcept {
        std::uint64_t header = 0;
        const auto next_byte = [this](std::uint8_t& byte) {
            const bool has_more = at_ != end_;
            byte = has_more ? static_cast<std::uint8_t>(*at_++) : std::uint8_t{0};
            return has_more;
        };
        if (!read_run_header(next_byte, header)) {
            return;
        }
        const auto left = static_cast<std::size_t>(end_ - at_);
        if ((header & 1) == 0) {
            const std::size_t bytes = (width_ + 7) / 8;
            if (left < bytes) {
                return;
            }
            std::uint32_t value = 0;
            std::memcpy(&value, at_, bytes);
            at_ += bytes;
            run_ = {Kind::repeated, value, nullptr, 0, static_cast<std::size_t>(header >> 1)};
            return;
        }
        // Some writers leave out the bytes behind the last value.
        const std::size_t groups = static_cast<std::size_t>(header >> 1);
        const std::size_t bytes = std::min(groups * width_, left);
        const std::size_t count =
            width_ == 0 ? groups * 8 : std::min(groups * 8, bytes * 8 / width_);
        run_ = {Kind::packed, 0, at_, 0, count};
        at_ += bytes;
    }

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    unsigned width_ = 0;
    Run run_;
};

/// Value `index` of a packed run. Reads 8 bytes.
inline std::uint32_t packed_value(const char* bytes, std::size_t index, unsigned width) noexcept {
    const std::size_t bit = index * width;
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + bit / 8, sizeof word);
    return static_cast<std::uint32_t>((word >> (bit % 8)) & ((std::uint64_t{1} << width) - 1));
}

}  // namespace erawise::decode
