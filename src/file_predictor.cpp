#include "file_predictor.h"

namespace erawise {
namespace {

class BlockWorkspace final : public infer::Workspace {
  public:
    void load(const era::EraBatch& of_rows, std::size_t index) override {
        batch = &of_rows;
        block = index;
    }
    const era::EraBatch* batch = nullptr;
    std::size_t block = 0;
};

}  // namespace

std::shared_ptr<infer::Workspace> FilePredictor::make_workspace(
    std::span<const std::shared_ptr<infer::Workspace>> /*others*/) const {
    return std::make_shared<BlockWorkspace>();
}

void FilePredictor::predict(infer::Workspace& workspace, std::span<double> predictions) const {
    const auto& rows = static_cast<const BlockWorkspace&>(workspace);
    const std::size_t first = rows.block * era::kBlockRows;
    for (std::size_t row = 0; row < rows.batch->rows_in_block(rows.block); ++row) {
        predictions[row] = values_.find(rows.batch->ids[first + row]);
    }
}

}  // namespace erawise
