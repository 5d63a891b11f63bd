#include "infer/engines/pandas_reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>
#include <utility>

#include "infer/block_matrix.h"
#include "infer/engines/xgboost_library.h"

namespace erawise::infer {
namespace {

constexpr std::size_t kRowsAtATime = 64;

/// The array interface of NumPy, which XGBoost takes: "<i8" and so on.
std::string type_of(const CategoryLevels& levels) {
    const unsigned place = levels.type - kFirstIntegerType;
    return fmt::format("{}{}{}", place < 2 ? '|' : '<', place % 2 == 0 ? 'i' : 'u',
                       1U << (place / 2));
}

std::string array_interface(const void* data, std::size_t count, std::size_t stride,
                            std::string_view type) {
    return fmt::format(
        R"({{"data":[{},true],"shape":[{}],"strides":[{}],"typestr":"{}","version":3}})",
        reinterpret_cast<std::uintptr_t>(data), count, stride, type);
}

/// A column of a data frame whose type is `category`.
struct CategoryColumn {
    std::vector<float> categories;     ///< that occur, in order
    std::vector<std::uint64_t> bytes;  ///< the same as whole numbers of `width` bytes
    std::vector<float> codes;          ///< places in `categories`; NaN is missing

    void take(std::span<const float> matrix, std::size_t width, const CategoryLevels& levels);
    void write(const CategoryLevels& levels);
};

void CategoryColumn::take(std::span<const float> matrix, std::size_t width,
                          const CategoryLevels& levels) {
    categories.clear();
    codes.clear();
    for (std::size_t i = levels.feature; i < matrix.size(); i += width) {
        if (!std::isnan(matrix[i])) {
            categories.push_back(matrix[i]);
        }
    }
    if (categories.empty()) {
        categories = levels.values;  // the library wants some
    }
    std::ranges::sort(categories);
    const auto rest = std::ranges::unique(categories);
    categories.erase(rest.begin(), rest.end());
    for (std::size_t i = levels.feature; i < matrix.size(); i += width) {
        const auto place = std::ranges::lower_bound(categories, matrix[i]) - categories.begin();
        codes.push_back(std::isnan(matrix[i]) ? matrix[i] : static_cast<float>(place));
    }
    write(levels);
}

/// Little endian, as all machines that we know of.
void CategoryColumn::write(const CategoryLevels& levels) {
    const std::size_t width = std::size_t{1} << ((levels.type - kFirstIntegerType) / 2);
    bytes.assign(categories.size(), 0);
    auto* const target = reinterpret_cast<char*>(bytes.data());
    for (std::size_t i = 0; i < categories.size(); ++i) {
        const auto number = static_cast<std::int64_t>(categories[i]);
        std::memcpy(target + i * width, &number, width);
    }
}

class PandasReference final : public Predictor {
  public:
    PandasReference(std::unique_ptr<XgboostLibrary::Booster> booster, const ModelDescription& model,
                    std::vector<std::uint32_t> columns, unsigned end_iteration)
        : booster_(std::move(booster)),
          levels_(model.category_levels),
          is_asked_(model.is_asked),
          columns_(std::move(columns)),
          end_iteration_(end_iteration) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "xgboost"; }

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<MatrixWorkspace>(kRowsAtATime * columns_.size());
    }

    void predict(Workspace& workspace, std::span<double> predictions) const override {
        static_cast<MatrixWorkspace&>(workspace).for_each_part(
            kRowsAtATime, columns_,
            [&](std::size_t first, std::size_t rows, std::span<float> matrix) {
                std::vector<CategoryColumn> categories(levels_.size());
                const std::string frame = frame_of(matrix, rows, categories);
                const auto result = booster_->predict_frame(frame, rows, end_iteration_);
                std::ranges::copy(result, predictions.begin() + static_cast<std::ptrdiff_t>(first));
            });
    }

  private:
    /// The columns as JSON. Features that no tree asks for are missing, whatever they are.
    [[nodiscard]] std::string frame_of(std::span<float> matrix, std::size_t rows,
                                       std::vector<CategoryColumn>& categories) const {
        const std::size_t width = columns_.size();
        std::vector<std::string> columns;
        for (std::size_t f = 0; f < width; ++f) {
            columns.push_back(
                array_interface(matrix.data() + f, rows, width * sizeof(float), "<f4"));
        }
        for (std::size_t i = 0; i < levels_.size(); ++i) {
            const CategoryLevels& levels = levels_[i];
            if (levels.feature >= is_asked_.size() || !is_asked_[levels.feature]) {
                hide(matrix, levels.feature);
            }
            CategoryColumn& column = categories[i];
            column.take(matrix, width, levels);
            columns[levels.feature] = fmt::format(
                "[{},{}]",
                array_interface(column.bytes.data(), column.categories.size(),
                                std::size_t{1} << ((levels.type - kFirstIntegerType) / 2),
                                type_of(levels)),
                array_interface(column.codes.data(), rows, sizeof(float), "<f4"));
        }
        return fmt::format("[{}]", fmt::join(columns, ","));
    }

    void hide(std::span<float> matrix, std::size_t feature) const {
        for (std::size_t i = feature; i < matrix.size(); i += columns_.size()) {
            matrix[i] = std::numeric_limits<float>::quiet_NaN();
        }
    }

    std::unique_ptr<XgboostLibrary::Booster> booster_;
    std::vector<CategoryLevels> levels_;
    std::vector<bool> is_asked_;
    std::vector<std::uint32_t> columns_;
    unsigned end_iteration_;
};

}  // namespace

std::unique_ptr<Predictor> make_pandas_reference(
    const std::shared_ptr<const XgboostLibrary>& library, const ModelDescription& model,
    std::vector<std::uint32_t> columns, unsigned end_iteration) {
    return std::make_unique<PandasReference>(library->load(model.path, RowPassing::in_place), model,
                                             std::move(columns), end_iteration);
}

bool has_pandas_reference(const ModelDescription& model) {
    return std::ranges::all_of(model.category_levels, [](const CategoryLevels& levels) {
        return levels.kind == CategoryLevels::Kind::whole_numbers;
    });
}

}  // namespace erawise::infer
