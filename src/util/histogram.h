#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace erawise::util {

/// How often values fall into bins of equal width, without knowing their range beforehand.
///
/// The width is a power of two. A value outside of all bins doubles it, as often as it takes, and
/// neighbouring bins become one; so all values are counted once, in memory that does not grow
/// (about a kilobyte). Moments are exact up to rounding (in pairs, after Chan, Golub and LeVeque,
/// 1979). Used by one thread at a time.
class Histogram {
  public:
    static constexpr std::size_t kBins = 128;

    void add(std::span<const double> values);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }  ///< finite values
    [[nodiscard]] std::uint64_t not_finite() const noexcept { return not_finite_; }
    /// The next four are 0 while there is no finite value.
    [[nodiscard]] double minimum() const noexcept { return minimum_; }
    [[nodiscard]] double maximum() const noexcept { return maximum_; }
    [[nodiscard]] double mean() const noexcept { return mean_; }
    [[nodiscard]] double standard_deviation() const noexcept;  ///< of the population

    /// The counts of the bins from that of the minimum to that of the maximum.
    [[nodiscard]] std::span<const std::uint64_t> counts() const noexcept;

    /// The lower end of the first of counts(), and the width of each.
    [[nodiscard]] double lower_end() const noexcept;
    [[nodiscard]] double bin_width() const noexcept;

  private:
    [[nodiscard]] std::int64_t position(double value) const noexcept;
    void make_room(double minimum, double maximum);
    void merge_moments(double count, double mean, double squares) noexcept;

    std::array<std::uint64_t, kBins> counts_{};
    int exponent_ = 0;        ///< bins are 2^exponent_ wide
    std::int64_t first_ = 0;  ///< bin i holds the values from (first_ + i) x width on
    std::uint64_t count_ = 0;
    std::uint64_t not_finite_ = 0;
    double minimum_ = 0;
    double maximum_ = 0;
    double mean_ = 0;
    double squares_ = 0;  ///< sum of squared distances from the mean
};

}  // namespace erawise::util
