#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "era/era_batch.h"
#include "stats/exposures.h"

namespace erawise::stats {

/// Whether neutralised values say something. Ranks of rounding noise look like any others.
enum class Residual : std::uint8_t {
    meaningful,
    equal_values,    ///< there was nothing to neutralise
    too_few_rows,    ///< no more rows than features, which explain any values then
    rounding_noise,  ///< what is left is nothing beside what was there
};

/// Feature neutralisation within one era, as Numerai has it (numerai-tools, scoring.neutralize):
/// values - proportion x N' lstsq(N', values), where N' has the features of a set and a column of
/// ones, and lstsq leaves out what has singular values below 1e-6 of the largest.
///
/// The least squares come from the Gram matrix, whose entries are exact for features of whole
/// numbers: by Cholesky where it is well conditioned, else by its eigenvalues, refined once. Every
/// set of values of an era shares the work. Used by one thread at a time.
class Neutralizer {
  public:
    explicit Neutralizer(std::vector<FeatureColumn> features);
    ~Neutralizer();
    Neutralizer(Neutralizer&&) noexcept;
    Neutralizer& operator=(Neutralizer&&) noexcept;

    /// Begins an era without rows.
    void clear() noexcept;

    /// Takes the features of more rows of the era. Error(data) when one is missing.
    void append(const era::EraBatch& batch);

    /// One value per row of the era, in place. What they are is unspecified where they are not
    /// meaningful.
    [[nodiscard]] Residual neutralize(std::span<double> values, double proportion);

    [[nodiscard]] std::size_t features() const noexcept { return exposures_.columns() - 1; }

    /// How the last era was solved: "cholesky" or "eigen"; empty before.
    [[nodiscard]] std::string_view method() const noexcept { return method_; }

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

    /// For the memory plan: for `features` features over `rows` rows.
    static std::uint64_t expected_bytes(std::size_t features, std::size_t rows,
                                        ExposureForm form) noexcept;

  private:
    struct Solver;

    void factorize();

    Exposures exposures_;
    std::unique_ptr<Solver> solver_;
    bool is_factorized_ = false;
    bool has_eigenvectors_ = false;  ///< of this era or an earlier one: their memory is kept
    std::string_view method_;
};

}  // namespace erawise::stats
