#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace erawise::era {

/// Rows are kept and worked on in blocks of 512: one bit plane of a block is 64 bytes, a cache line
/// and an AVX-512 register.
inline constexpr std::size_t kBlockRows = 512;
inline constexpr std::size_t kPlaneBytes = kBlockRows / 8;

/// A coded column has at most this many distinct values, so at most 4 planes.
inline constexpr std::size_t kMaxLevels = 16;
inline constexpr unsigned kMaxPlanes = 4;

enum class ColumnForm : std::uint8_t {
    coded,  ///< codes into the column's levels, one bit plane per bit of the code
    plain   ///< float32 per row; NaN is missing
};

/// The distinct values of a coded column, in the order in which they were met. A missing value is
/// a level of its own: NaN.
struct Levels {
    std::array<float, kMaxLevels> values{};
    std::uint8_t count = 0;

    [[nodiscard]] std::span<const float> span() const { return {values.data(), count}; }
};

/// Where each column stands within a block. Blocks follow each other in a batch's storage; within a
/// block, columns stand in order: `planes` x 64 bytes (coded), or 512 x float32 (plain).
struct BlockLayout {
    struct Column {
        ColumnForm form = ColumnForm::coded;
        std::uint8_t planes = 0;   ///< coded: number of planes
        std::uint32_t offset = 0;  ///< bytes from the start of the block, a multiple of 64
    };
    std::vector<Column> columns;
    std::size_t block_bytes = 0;

    /// Appends a column behind the others.
    void add(ColumnForm form, unsigned planes);
};

/// Bytes that start on a cache line; zero at first.
class AlignedBytes {
  public:
    AlignedBytes() = default;
    explicit AlignedBytes(std::size_t size);

    [[nodiscard]] std::byte* data() noexcept { return bytes_.get(); }
    [[nodiscard]] const std::byte* data() const noexcept { return bytes_.get(); }
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

  private:
    struct Free {
        void operator()(std::byte* bytes) const noexcept { std::free(bytes); }
    };
    std::unique_ptr<std::byte, Free> bytes_;
    std::size_t size_ = 0;
};

/// Row identifiers, one after the other in a single buffer.
class RowIds {
  public:
    void reserve(std::size_t rows, std::size_t bytes);
    void clear() noexcept;
    void push_back(std::string_view id);

    [[nodiscard]] std::size_t size() const noexcept { return ends_.size(); }
    [[nodiscard]] std::string_view operator[](std::size_t row) const {
        const std::size_t begin = row == 0 ? 0 : ends_[row - 1];
        return {characters_.data() + begin, ends_[row] - begin};
    }
    /// Of the ids and their places.
    [[nodiscard]] std::size_t bytes() const noexcept {
        return characters_.size() + ends_.size() * sizeof(std::uint32_t);
    }
    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return characters_.capacity() + ends_.capacity() * sizeof(std::uint32_t);
    }

  private:
    std::vector<char> characters_;
    std::vector<std::uint32_t> ends_;
};

/// Rows of one era, or a slice of one when the memory plan demands it: what decoders produce and
/// predictors consume. A batch with another label, or the end of the data, completes an era.
///
/// Storage is allocated once and reused from batch to batch. Bits and floats behind the last row of
/// the last block are unspecified. Not thread-safe while it is filled; any number of threads may
/// read it then.
class EraBatch {
  public:
    EraBatch() = default;

    /// Room for `storage_bytes` of blocks, whatever their layout.
    explicit EraBatch(std::size_t storage_bytes) : storage_(storage_bytes) {}

    /// Empties the batch and gives it a layout and its levels.
    void reset(std::shared_ptr<const BlockLayout> layout, std::string_view era);

    /// How many rows fit under the layout: a multiple of 512.
    [[nodiscard]] std::size_t row_capacity() const noexcept;

    [[nodiscard]] const BlockLayout& layout() const noexcept { return *layout_; }
    [[nodiscard]] std::size_t columns() const noexcept { return layout_->columns.size(); }
    [[nodiscard]] std::size_t blocks() const noexcept {
        return (rows() + kBlockRows - 1) / kBlockRows;
    }
    /// Rows in block `block`: 512, but fewer in the last one.
    [[nodiscard]] std::size_t rows_in_block(std::size_t block) const noexcept;

    /// Coded column: its planes in a block, plane by plane, 64 bytes each; bit `r % 8` of byte
    /// `r / 8` belongs to row `r`, and plane 0 is the lowest bit of the code.
    [[nodiscard]] const std::uint64_t* planes(std::size_t block, std::size_t column) const {
        return reinterpret_cast<const std::uint64_t*>(at(block, column));
    }
    [[nodiscard]] std::uint64_t* planes(std::size_t block, std::size_t column) {
        return reinterpret_cast<std::uint64_t*>(const_cast<std::byte*>(at(block, column)));
    }
    /// Plain column: its 512 values in a block.
    [[nodiscard]] const float* values(std::size_t block, std::size_t column) const {
        return reinterpret_cast<const float*>(at(block, column));
    }
    [[nodiscard]] float* values(std::size_t block, std::size_t column) {
        return reinterpret_cast<float*>(const_cast<std::byte*>(at(block, column)));
    }

    /// The bytes of a block, laid out as layout() says.
    [[nodiscard]] std::byte* block(std::size_t index) noexcept {
        return storage_.data() + index * layout_->block_bytes;
    }

    /// Gives a column its levels, but no more than its planes have codes for: a decoder may have
    /// met further ones since the column was laid out.
    void set_levels(std::size_t column, const Levels& levels);

    /// One value, decoded: for tests and messages, not for hot code.
    [[nodiscard]] float value(std::size_t row, std::size_t column) const;

    [[nodiscard]] std::size_t rows() const noexcept { return ids.size(); }
    [[nodiscard]] std::size_t memory_bytes() const noexcept;

    std::string era;             ///< label as in the data: "era121", "0575", "X"
    RowIds ids;                  ///< one per row
    std::vector<Levels> levels;  ///< one per column; empty for plain columns; see set_levels()

  private:
    [[nodiscard]] const std::byte* at(std::size_t block, std::size_t column) const {
        return storage_.data() + block * layout_->block_bytes + layout_->columns[column].offset;
    }

    std::shared_ptr<const BlockLayout> layout_;
    AlignedBytes storage_;
};

}  // namespace erawise::era
