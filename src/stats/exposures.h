#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "era/era_batch.h"

namespace erawise::stats {

/// A feature among the columns of era batches.
struct FeatureColumn {
    std::string name;  ///< for messages
    std::uint32_t column = 0;
};

/// What features are like.
enum class ExposureForm : std::uint8_t {
    levels,  ///< all of them have at most eight levels, in steps of 1 or 1/4
    values   ///< one of them is float32: all of them stand so
};

/// The values of a set of features over the rows of one era, whole: the matrix that neutralisation
/// calls N, with a column of ones behind the features.
///
/// Features with the levels 0, 1, ... 15, or with the same in quarters (Numerai's 0 to 4, and 0 to
/// 1), stand as bit planes of whole numbers: three bits a value, and their products are counts of
/// common bits. Other features stand as float32, and make the products of their slice an ordinary
/// matrix product. Used by one thread at a time.
class Exposures {
  public:
    explicit Exposures(std::vector<FeatureColumn> features);
    ~Exposures();
    Exposures(Exposures&&) noexcept;
    Exposures& operator=(Exposures&&) noexcept;

    /// Forgets the rows; their memory is kept for the next ones.
    void clear() noexcept;

    /// Appends the rows of a batch. Error(data) when one of the features is missing in a row.
    void append(const era::EraBatch& batch);

    [[nodiscard]] std::size_t rows() const noexcept { return rows_; }

    /// Features, and the column of ones.
    [[nodiscard]] std::size_t columns() const noexcept { return features_.size() + 1; }

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

    /// N'N: `matrix` has columns() x columns() values, of which all are set.
    void gram(std::span<double> matrix) const;

    /// N'v for one value per row; `products` has columns() values.
    void products(std::span<const double> values, std::span<double> products) const;

    /// values -= factor x N c; `coefficients` has columns() values.
    void subtract(std::span<const double> coefficients, double factor,
                  std::span<double> values) const;

    /// Of `rows` rows in one slice, for the memory plan.
    static std::uint64_t expected_bytes(std::size_t features, std::size_t rows,
                                        ExposureForm form) noexcept;

  private:
    struct Slice;

    void append_column(Slice& slice, std::size_t feature, const era::EraBatch& batch);
    void refuse_missing(std::size_t feature, const era::EraBatch& batch) const;
    void add_gram_of_planes(const Slice& slice, std::span<double> matrix) const;
    void add_gram_of_values(const Slice& slice, std::span<double> matrix) const;
    template <typename Body>
    void for_each_part(Body&& body) const;

    std::vector<FeatureColumn> features_;
    std::vector<Slice> slices_;  ///< the first `used_` hold rows
    std::size_t used_ = 0;
    std::size_t rows_ = 0;
};

}  // namespace erawise::stats
