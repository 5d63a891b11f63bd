#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

namespace erawise::decode {

/// Integers in Parquet's DELTA_BINARY_PACKED, one at a time. A plain value, cheap to copy.
class DeltaValues {
  public:
    DeltaValues() = default;
    /// 64 bytes behind `bytes` may be read.
    explicit DeltaValues(std::span<const char> bytes)
        : at_(bytes.data()), end_(bytes.data() + bytes.size()) {
        const auto block = varint();
        const auto miniblocks = varint();
        const auto count = varint();
        const auto first = varint();
        constexpr std::uint64_t kMaxBlock = 1u << 20;
        if (!block || !miniblocks || !count || !first || *block == 0 || *block > kMaxBlock ||
            *miniblocks == 0 || *miniblocks > kMaxMiniblocks || *block % *miniblocks != 0 ||
            *block / *miniblocks % 8 != 0 || *count > INT32_MAX) {
            return;
        }
        miniblocks_ = static_cast<std::uint32_t>(*miniblocks);
        miniblock_values_ = static_cast<std::uint32_t>(*block / *miniblocks);
        left_ = static_cast<std::size_t>(*count);
        value_ = zigzag(*first);
        is_first_ = true;
    }

    /// Values that are left, by the header.
    [[nodiscard]] std::size_t left() const noexcept { return left_; }

    /// Empty when there is none, or the bytes are damaged.
    std::optional<std::int64_t> next() noexcept {
        if (left_ == 0) {
            return std::nullopt;
        }
        --left_;
        if (is_first_) {
            is_first_ = false;
            return static_cast<std::int64_t>(value_);
        }
        if (in_miniblock_ == 0 && !next_miniblock()) {
            left_ = 0;
            return std::nullopt;
        }
        --in_miniblock_;
        value_ += min_delta_ + packed();
        return static_cast<std::int64_t>(value_);
    }

    /// Where the bytes behind all values begin; nullptr when they are damaged. Ends the iteration.
    const char* finish() noexcept {
        while (left_ > 0) {
            if (!next()) {
                return nullptr;
            }
        }
        return miniblocks_ == 0 ? nullptr : at_;
    }

  private:
    static constexpr std::uint64_t kMaxMiniblocks = 512;

    static std::uint64_t zigzag(std::uint64_t value) noexcept {
        return (value >> 1) ^ (~(value & 1) + 1);
    }

    std::optional<std::uint64_t> varint() noexcept {
        std::uint64_t value = 0;
        for (unsigned shift = 0; shift < 64; shift += 7) {
            if (at_ == end_) {
                return std::nullopt;
            }
            const auto byte = static_cast<std::uint8_t>(*at_++);
            value |= std::uint64_t{byte & 0x7Fu} << shift;
            if ((byte & 0x80) == 0) {
                return value;
            }
        }
        return std::nullopt;
    }

    bool next_miniblock() noexcept {
        if (widths_ == widths_end_) {
            const auto delta = varint();
            if (!delta || end_ - at_ < static_cast<std::ptrdiff_t>(miniblocks_)) {
                return false;
            }
            min_delta_ = zigzag(*delta);
            widths_ = at_;
            widths_end_ = at_ += miniblocks_;
        }
        width_ = static_cast<std::uint8_t>(*widths_++);
        const std::size_t bytes = std::size_t{miniblock_values_} / 8 * width_;
        if (width_ > 64 || static_cast<std::size_t>(end_ - at_) < bytes) {
            return false;
        }
        packed_ = at_;
        bit_ = 0;
        at_ += bytes;
        in_miniblock_ = miniblock_values_;
        return true;
    }

    std::uint64_t packed() noexcept {
        if (width_ == 0) {
            return 0;
        }
        const char* const from = packed_ + bit_ / 8;
        const unsigned shift = bit_ % 8;
        std::uint64_t word = 0;
        std::memcpy(&word, from, sizeof word);
        word >>= shift;
        if (shift + width_ > 64) {
            word |= std::uint64_t{static_cast<std::uint8_t>(from[8])} << (64 - shift);
        }
        bit_ += width_;
        return width_ == 64 ? word : word & ((std::uint64_t{1} << width_) - 1);
    }

    const char* at_ = nullptr;
    const char* end_ = nullptr;
    const char* widths_ = nullptr;
    const char* widths_end_ = nullptr;
    const char* packed_ = nullptr;
    std::size_t left_ = 0;
    std::uint64_t value_ = 0;
    std::uint64_t min_delta_ = 0;
    std::uint32_t miniblocks_ = 0;
    std::uint32_t miniblock_values_ = 0;
    std::uint32_t in_miniblock_ = 0;
    std::uint32_t bit_ = 0;
    std::uint8_t width_ = 0;
    bool is_first_ = false;
};

}  // namespace erawise::decode
