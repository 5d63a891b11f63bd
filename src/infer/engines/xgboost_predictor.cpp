#include "infer/engines/xgboost_predictor.h"

#include <fmt/format.h>

#include <algorithm>

#include "infer/block_matrix.h"
#include "infer/engines/xgboost_library.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

/// Rows per call: a part of a block, 64 at least.
std::size_t rows_per_call(std::size_t features) {
    const std::size_t fit = kMatrixBytes / sizeof(float) / std::max<std::size_t>(features, 1);
    return std::clamp(fit / 64 * 64, std::size_t{64}, era::kBlockRows);
}

class XgboostPredictor final : public Predictor {
  public:
    XgboostPredictor(std::unique_ptr<XgboostLibrary::Booster> booster,
                     const ModelDescription& model, std::vector<std::uint32_t> columns,
                     unsigned end_iteration)
        : booster_(std::move(booster)),
          path_(model.path),
          coder_(model),
          columns_(std::move(columns)),
          end_iteration_(end_iteration),
          rows_per_call_(rows_per_call(columns_.size())) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "xgboost"; }

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<MatrixWorkspace>(rows_per_call_ * columns_.size());
    }

    void predict(Workspace& workspace, std::span<double> predictions) const override {
        auto& work = static_cast<MatrixWorkspace&>(workspace);
        work.for_each_part(
            rows_per_call_, columns_,
            [&](std::size_t first, std::size_t rows, std::span<float> matrix) {
                code_categories(work, first, matrix);
                const auto result =
                    booster_->predict(matrix.data(), rows, columns_.size(), end_iteration_);
                std::ranges::copy(result, predictions.begin() + static_cast<std::ptrdiff_t>(first));
            });
    }

  private:
    void code_categories(const BlockWorkspace& work, std::size_t first,
                         std::span<float> matrix) const {
        const auto unknown = coder_.code(matrix, columns_.size());
        if (!unknown) {
            return;
        }
        const std::size_t row = work.block() * era::kBlockRows + first + unknown->row;
        throw util::Error(util::ErrorKind::model,
                          fmt::format("{}: row '{}' of era '{}': {}", path_.string(),
                                      work.batch().ids[row], work.batch().era, unknown->what));
    }

    std::unique_ptr<XgboostLibrary::Booster> booster_;
    std::filesystem::path path_;
    CategoryCoder coder_;
    std::vector<std::uint32_t> columns_;
    unsigned end_iteration_;
    std::size_t rows_per_call_;
};

bool is_json(const ModelDescription& model) {
    return model.format == ModelFormat::json;
}

}  // namespace

bool libxgboost_reads(const ModelDescription& model) noexcept {
    return model.format == ModelFormat::ubjson || model.format == ModelFormat::json;
}

std::unique_ptr<Predictor> make_xgboost_predictor(
    const std::shared_ptr<const XgboostLibrary>& library, const ModelDescription& model,
    std::vector<std::uint32_t> columns, unsigned end_iteration) {
    // As XGBRegressor.predict does: linear boosters do not predict in place.
    const RowPassing passing =
        model.booster == "gblinear" ? RowPassing::copied : RowPassing::in_place;
    return std::make_unique<XgboostPredictor>(library->load(model.path, passing), model,
                                              std::move(columns), end_iteration);
}

/// libxgboost parses a model into a document first. Measured: a 5.4 MiB .ubj takes 24.1 MiB while
/// it is loaded and 8.3 MiB afterwards, the same model as 7.1 MiB of .json 89.0 and 8.3 MiB. The
/// library's own code takes 5 MiB, a call 0.6 MiB.
PredictorMemory xgboost_predictor_memory(const ModelDescription& model) {
    const double file = static_cast<double>(model.file_bytes);
    const double library = 5.0 * util::kMiB;
    const std::size_t rows = rows_per_call(model.num_feature);
    return {
        .while_loading_bytes =
            static_cast<std::uint64_t>(library + (is_json(model) ? 13.0 : 4.6) * file),
        .resident_bytes =
            static_cast<std::uint64_t>(library + 1.7 * file) + CategoryCoder(model).memory_bytes(),
        .workspace_bytes = rows * model.num_feature * sizeof(float) + util::kMiB,
    };
}

}  // namespace erawise::infer
