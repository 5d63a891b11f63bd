#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "decode/parquet/delta_values.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/hybrid_runs.h"
#include "decode/parquet/page.h"
#include "era/number_pieces.h"

namespace erawise::decode {

/// True when a column of this type can be read as numbers.
bool is_number(const ParquetColumn& column) noexcept;

/// Reads the values of a page that is not a matter of bit planes: every numeric type and every
/// encoding of it, as float32, or as a piece of float64. Nulls are not among them.
///
/// Refers to the page's bytes and to the dictionary; a plain value otherwise.
class NumberValues {
  public:
    NumberValues() = default;
    /// `values`: how many there are. `dictionary`: for pages that index it, of the same piece.
    NumberValues(const ParquetColumn& column, const Page& page, std::size_t values,
                 std::span<const float> dictionary, era::Piece piece);

    /// False when the page's bytes are damaged, too few, or in an encoding that its type cannot
    /// have.
    [[nodiscard]] bool read(std::span<float> target);

  private:
    [[nodiscard]] float value_of(std::uint64_t bits) const;
    bool read_fixed(std::span<float> target);
    bool read_split(std::span<float> target);
    bool read_delta(std::span<float> target);
    bool read_indices(std::span<float> target);
    bool read_booleans(std::span<float> target);
    bool read_prefixed(std::span<float> target);
    void open_prefixed(std::size_t values);
    template <typename Take>
    bool read_runs(std::span<float> target, Take&& take);

    PhysicalType type_ = PhysicalType::int32;
    Meaning meaning_ = Meaning::number;
    Encoding encoding_ = Encoding::plain;
    era::Piece piece_ = era::Piece::whole;
    bool is_valid_ = true;
    std::size_t width_ = 0;  ///< bytes of a value
    std::span<const char> bytes_;
    std::size_t values_ = 0;
    std::size_t next_ = 0;
    unsigned index_bits_ = 0;
    HybridRuns runs_;
    DeltaValues deltas_;    ///< or the lengths of what follows a prefix
    DeltaValues prefixes_;  ///< of DELTA_BYTE_ARRAY
    std::span<const char> suffixes_;
    std::uint64_t last_ = 0;  ///< bytes of the value before, lowest first
    std::span<const float> dictionary_;
};

}  // namespace erawise::decode
