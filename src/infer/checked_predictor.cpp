#include "infer/checked_predictor.h"

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

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<CheckedWorkspace>(*predictor_, *reference_);
    }

    void predict(Workspace& workspace, std::span<float> predictions) const override {
        auto& work = static_cast<CheckedWorkspace&>(workspace);
        predictor_->predict(*work.of_predictor, predictions);
        if (work.rows > 0 && !is_checked_.exchange(true)) {
            std::vector<float> expected(predictions.size());
            reference_->predict(*work.of_reference, expected);
            require_same_predictions(predictions.first(work.rows),
                                     std::span(expected).first(work.rows), model_name_);
            spdlog::info("{}: self-check passed, {} rows have the bits of libxgboost", model_name_,
                         work.rows);
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

void require_same_predictions(std::span<const float> predictions, std::span<const float> reference,
                              const std::string& model_name) {
    for (std::size_t row = 0; row < predictions.size(); ++row) {
        if (std::bit_cast<std::uint32_t>(predictions[row]) !=
            std::bit_cast<std::uint32_t>(reference[row])) {
            throw util::Error(
                util::ErrorKind::bug,
                fmt::format("{}: self-check failed: row {} of the first block is {:.9g}, and "
                            "{:.9g} with libxgboost; use --engine xgboost, and please report this "
                            "with the model",
                            model_name, row, predictions[row], reference[row]));
        }
    }
}

}  // namespace erawise::infer
