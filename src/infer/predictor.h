#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "era/era_batch.h"
#include "infer/forest.h"

namespace erawise::infer {

/// A block of rows as predictors need it, and their scratch. Made by a predictor, used by one
/// thread at a time, by one predictor after the other.
class Workspace {
  public:
    virtual ~Workspace() = default;

    /// Every prediction that follows is of the rows of this block. The batch has to stay as it is
    /// until the last of them.
    virtual void load(const era::EraBatch& batch, std::size_t block) = 0;
};

/// A workspace that knows its block and no more.
class BlockWorkspace : public Workspace {
  public:
    void load(const era::EraBatch& batch, std::size_t block) override {
        batch_ = &batch;
        block_ = block;
    }
    [[nodiscard]] const era::EraBatch& batch() const noexcept { return *batch_; }
    [[nodiscard]] std::size_t block() const noexcept { return block_; }
    [[nodiscard]] std::size_t rows() const noexcept { return batch_->rows_in_block(block_); }

  private:
    const era::EraBatch* batch_ = nullptr;
    std::size_t block_ = 0;
};

/// A model that is ready to predict. Immutable: any number of threads may predict at the same time,
/// each with its own workspace.
class Predictor {
  public:
    virtual ~Predictor() = default;

    /// "bitsliced", "xgboost": for logs and the report.
    [[nodiscard]] virtual std::string_view engine() const noexcept = 0;

    /// The vector target of the engine's kernels, "AVX3" or "AVX2"; empty where there is none.
    [[nodiscard]] virtual std::string_view kernel() const noexcept { return {}; }

    /// What its predictions are made with: float32 ones are exact in float32.
    [[nodiscard]] virtual Arithmetic arithmetic() const noexcept { return Arithmetic::float32; }

    /// A workspace for one thread: one of `others`, made by other predictors for the same thread,
    /// where its contents serve this predictor as well, else a new one.
    [[nodiscard]] virtual std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> others = {}) const = 0;

    /// Predicts the rows of the block that the workspace was loaded with; `predictions` has room
    /// for them, one per row, in the space of the target (after the objective's link).
    virtual void predict(Workspace& workspace, std::span<double> predictions) const = 0;
};

/// What a predictor takes, for the memory plan.
struct PredictorMemory {
    std::uint64_t while_loading_bytes = 0;  ///< peak while the model is loaded
    std::uint64_t resident_bytes = 0;       ///< afterwards
    std::uint64_t workspace_bytes = 0;      ///< per thread
};

}  // namespace erawise::infer
