#include "predict/file_predictor.h"

namespace erawise {

std::shared_ptr<infer::Workspace> FilePredictor::make_workspace(
    std::span<const std::shared_ptr<infer::Workspace>> /*others*/) const {
    return std::make_shared<infer::BlockWorkspace>();
}

void FilePredictor::predict(infer::Workspace& workspace, std::span<double> predictions) const {
    const auto& work = static_cast<const infer::BlockWorkspace&>(workspace);
    const std::size_t first = work.block() * era::kBlockRows;
    for (std::size_t row = 0; row < work.rows(); ++row) {
        predictions[row] = values_.find(work.batch().ids[first + row]);
    }
}

}  // namespace erawise
