#include "infer/engines/walk_predictor.h"

#include <algorithm>
#include <span>
#include <utility>

#include "infer/block_matrix.h"

namespace erawise::infer {
namespace {

constexpr std::size_t kRowsAtATime = 64;

class WalkPredictor final : public Predictor {
  public:
    WalkPredictor(Forest forest, std::vector<std::uint32_t> columns)
        : forest_(std::move(forest)), columns_(std::move(columns)) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "walk"; }
    [[nodiscard]] Arithmetic arithmetic() const noexcept override { return forest_.arithmetic; }

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<MatrixWorkspace>(kRowsAtATime * columns_.size());
    }

    void predict(Workspace& workspace, std::span<double> predictions) const override {
        static_cast<MatrixWorkspace&>(workspace).for_each_part(
            kRowsAtATime, columns_,
            [&](std::size_t first, std::size_t rows, std::span<const float> matrix) {
                for (std::size_t row = 0; row < rows; ++row) {
                    predictions[first + row] =
                        walk(forest_, matrix.subspan(row * columns_.size(), columns_.size()));
                }
            });
    }

  private:
    Forest forest_;
    std::vector<std::uint32_t> columns_;
};

}  // namespace

std::unique_ptr<Predictor> make_walk_predictor(Forest forest, std::vector<std::uint32_t> columns) {
    return std::make_unique<WalkPredictor>(std::move(forest), std::move(columns));
}

/// Half of the nodes are leaves, which in float64 have 8 bytes more; reading grows by doubling.
PredictorMemory walk_predictor_memory(const ModelDescription& model) {
    const std::uint64_t trees = 20 * model.nodes + 4 * model.trees;
    return {
        .while_loading_bytes = 2 * trees,
        .resident_bytes = trees,
        .workspace_bytes = kRowsAtATime * model.num_feature * sizeof(float),
    };
}

}  // namespace erawise::infer
