#include "infer/engines/checked_predictor.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <bit>
#include <vector>

#include "util/error.h"

namespace erawise::infer {
namespace {

/// One workspace for each of the two, and the block that is in them.
class CheckedWorkspace final : public Workspace {
  public:
    CheckedWorkspace(const Predictor& predictor, const Predictor& reference)
        : of_predictor(predictor.make_workspace()), of_reference(reference.make_workspace()) {}

    void load(const era::EraBatch& batch, std::size_t block) override {
        of_predictor->load(batch, block);
        of_reference->load(batch, block);
        rows = batch.rows_in_block(block);
    }

    std::shared_ptr<Workspace> of_predictor;
    std::shared_ptr<Workspace> of_reference;
    std::size_t rows = 0;
};

class CheckedPredictor final : public Predictor {
  public:
    CheckedPredictor(std::unique_ptr<Predictor> predictor, std::unique_ptr<Predictor> reference,
                     std::string model_name)
        : predictor_(std::move(predictor)),
          reference_(std::move(reference)),
          model_name_(std::move(model_name)) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return predictor_->engine(); }
    [[nodiscard]] std::string_view kernel() const noexcept override { return predictor_->kernel(); }

    [[nodiscard]] Arithmetic arithmetic() const noexcept override {
        return predictor_->arithmetic();
    }

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<CheckedWorkspace>(*predictor_, *reference_);
    }

    void predict(Workspace& workspace, std::span<double> predictions) const override {
        auto& work = static_cast<CheckedWorkspace&>(workspace);
        predictor_->predict(*work.of_predictor, predictions);
        if (work.rows > 0 && !is_checked_.exchange(true)) {
            std::vector<double> expected(predictions.size());
            reference_->predict(*work.of_reference, expected);
            require_same_predictions(predictions.first(work.rows),
                                     std::span(expected).first(work.rows), model_name_,
                                     name_of_reference(*reference_));
            spdlog::info("{}: self-check passed, {} rows have the bits of {}", model_name_,
                         work.rows, name_of_reference(*reference_));
        }
    }

  private:
    std::unique_ptr<Predictor> predictor_;
    std::unique_ptr<Predictor> reference_;
    std::string model_name_;
    mutable std::atomic<bool> is_checked_ = false;
};

}  // namespace

std::unique_ptr<Predictor> make_checked_predictor(std::unique_ptr<Predictor> predictor,
                                                  std::unique_ptr<Predictor> reference,
                                                  std::string model_name) {
    return std::make_unique<CheckedPredictor>(std::move(predictor), std::move(reference),
                                              std::move(model_name));
}

std::string name_of_reference(const Predictor& reference) {
    return reference.engine() == "walk"
               ? "a plain walk over its trees (no library that is here reads the model)"
               : "libxgboost";
}

void require_same_predictions(std::span<const double> predictions,
                              std::span<const double> reference, const std::string& model_name,
                              const std::string& reference_name) {
    const std::string_view remedy =
        reference_name == "libxgboost" ? "use --engine xgboost, and please" : "please";
    for (std::size_t row = 0; row < predictions.size(); ++row) {
        if (std::bit_cast<std::uint64_t>(predictions[row]) !=
            std::bit_cast<std::uint64_t>(reference[row])) {
            throw util::Error(util::ErrorKind::bug,
                              fmt::format("{}: self-check failed: row {} of the first block is {}, "
                                          "and {} with {}; {} report this with the model",
                                          model_name, row, predictions[row], reference[row],
                                          reference_name, remedy));
        }
    }
}

}  // namespace erawise::infer
