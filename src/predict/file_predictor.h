#pragma once

#include <memory>
#include <span>

#include "decode/files/id_values.h"
#include "infer/predictor.h"

namespace erawise {

/// "Predicts" what a file of predictions says of a row, by its id; NaN where it says nothing. For
/// one thread, with blocks in the order of the data: the file is read along.
class FilePredictor final : public infer::Predictor {
  public:
    /// `values` must outlive it.
    explicit FilePredictor(decode::IdValues& values) : values_(values) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "file"; }
    [[nodiscard]] infer::Arithmetic arithmetic() const noexcept override {
        return infer::Arithmetic::float64;
    }
    [[nodiscard]] std::shared_ptr<infer::Workspace> make_workspace(
        std::span<const std::shared_ptr<infer::Workspace>> others) const override;
    void predict(infer::Workspace& workspace, std::span<double> predictions) const override;

  private:
    decode::IdValues& values_;
};

}  // namespace erawise
