#include "stats/neutralizer.h"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "util/error.h"

namespace erawise::stats {
namespace {

/// lstsq's rcond: singular values of N' below this share of the largest count as 0. Eigenvalues of
/// the Gram matrix are their squares.
constexpr double kSmallestSingularValue = 1e-6;

/// With a better (reciprocal) condition of the Gram matrix than this, nothing is near the limit
/// above and Cholesky's error is below 1e-8.
constexpr double kWellConditioned = 1e-8;

std::span<const double> span_of(const Eigen::VectorXd& vector) {
    return {vector.data(), static_cast<std::size_t>(vector.size())};
}

std::span<double> span_of(Eigen::VectorXd& vector) {
    return {vector.data(), static_cast<std::size_t>(vector.size())};
}

}  // namespace

struct Neutralizer::Solver {
    Eigen::MatrixXd gram;
    std::optional<Eigen::LLT<Eigen::Ref<Eigen::MatrixXd>>> cholesky;  ///< in place: in `gram`
    Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> eigen;
    bool is_cholesky = false;
    Eigen::VectorXd products;
    Eigen::VectorXd coefficients;

    /// Replaces the Gram matrix by its factor. False: it is not well conditioned.
    bool factorize() {
        cholesky.emplace(gram);
        is_cholesky = cholesky->info() == Eigen::Success && cholesky->rcond() > kWellConditioned;
        return is_cholesky;
    }

    [[nodiscard]] Eigen::VectorXd solve(const Eigen::VectorXd& right) const {
        if (is_cholesky) {
            return cholesky->solve(right);
        }
        const Eigen::VectorXd& values = eigen.eigenvalues();
        const double least = values.maxCoeff() * kSmallestSingularValue * kSmallestSingularValue;
        Eigen::VectorXd parts = eigen.eigenvectors().transpose() * right;
        for (Eigen::Index i = 0; i < parts.size(); ++i) {
            parts[i] = values[i] > least ? parts[i] / values[i] : 0.0;
        }
        return eigen.eigenvectors() * parts;
    }
};

Neutralizer::Neutralizer(std::vector<FeatureColumn> features)
    : exposures_(std::move(features)), solver_(std::make_unique<Solver>()) {}

Neutralizer::~Neutralizer() = default;
Neutralizer::Neutralizer(Neutralizer&&) noexcept = default;
Neutralizer& Neutralizer::operator=(Neutralizer&&) noexcept = default;

void Neutralizer::clear() noexcept {
    exposures_.clear();
    is_factorized_ = false;
}

void Neutralizer::append(const era::EraBatch& batch) {
    exposures_.append(batch);
    is_factorized_ = false;
}

void Neutralizer::factorize() {
    const auto n = static_cast<Eigen::Index>(exposures_.columns());
    const auto fill = [&] {
        solver_->gram.resize(n, n);
        exposures_.gram({solver_->gram.data(), exposures_.columns() * exposures_.columns()});
    };
    fill();
    method_ = "cholesky";
    if (!solver_->factorize()) {
        method_ = "eigen";
        fill();
        solver_->eigen.compute(solver_->gram);
    }
    is_factorized_ = true;
}

void Neutralizer::neutralize(std::span<double> values, double proportion) {
    if (std::ranges::adjacent_find(values, std::not_equal_to()) == values.end()) {
        throw util::Error(util::ErrorKind::model,
                          "all predictions of an era are equal, so that there is nothing to "
                          "neutralise; check the model");
    }
    if (!is_factorized_) {
        factorize();
    }
    Solver& solver = *solver_;
    solver.products.resize(static_cast<Eigen::Index>(exposures_.columns()));
    exposures_.products(values, span_of(solver.products));
    solver.coefficients = solver.solve(solver.products);

    // What is left should have no products with N' any more: its coefficients are the error.
    std::vector<double> rest(values.begin(), values.end());
    exposures_.subtract(span_of(std::as_const(solver.coefficients)), 1.0, rest);
    exposures_.products(rest, span_of(solver.products));
    solver.coefficients += solver.solve(solver.products);
    exposures_.subtract(span_of(std::as_const(solver.coefficients)), proportion, values);
}

std::uint64_t Neutralizer::memory_bytes() const noexcept {
    const auto matrices = solver_->gram.size() * (method_ == "eigen" ? 2 : 1);
    return exposures_.memory_bytes() + static_cast<std::uint64_t>(matrices) * sizeof(double);
}

std::uint64_t Neutralizer::expected_bytes(std::size_t features, std::size_t rows,
                                          ExposureForm form) noexcept {
    // The Gram matrix; where it is badly conditioned, its eigenvectors too.
    const std::uint64_t columns = features + 1;
    return Exposures::expected_bytes(features, rows, form) + 2 * columns * columns * sizeof(double);
}

}  // namespace erawise::stats
