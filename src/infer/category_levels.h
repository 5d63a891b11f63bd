#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace erawise::infer {

struct ModelDescription;

/// The levels of a categorical feature in the order of their codes 0, 1, 2, ...
///
/// From XGBoost 3.1 on a model keeps them (`cats`), and its trees ask for the code of a value, the
/// place of the value among the levels. Source: XGBoost, src/data/cat_container.cc,
/// src/encoder/ordinal.h.
struct CategoryLevels {
    enum class Kind : std::uint8_t {
        whole_numbers,
        text,   ///< no value of ours is one
        others  ///< numbers that float32 does not hold exactly, or too many
    };

    std::uint32_t feature = 0;
    Kind kind = Kind::whole_numbers;
    std::uint8_t type = 0;      ///< XGBoost's number for the type of `values`
    std::vector<float> values;  ///< of whole numbers
};

/// XGBoost's number of a type of levels, Value::ValueKind in include/xgboost/json.h: the whole
/// numbers of 1, 2, 4 and 8 bytes, signed ones first.
inline constexpr std::uint8_t kFirstIntegerType = 9;
inline constexpr std::uint8_t kLastIntegerType = 16;

/// Collects the levels of a model's features in the order of the file.
class LevelCollector {
  public:
    void begin_feature();
    void type(double number);
    void value(double number);
    void offset() noexcept { ++offsets_; }  ///< levels that are texts have offsets

    /// Adds the feature to `levels`, unless it has none.
    void end_feature(std::vector<CategoryLevels>& levels);

  private:
    std::uint32_t features_ = 0;
    std::uint64_t offsets_ = 0;
    std::size_t levels_kept_ = 0;  ///< of all features
    CategoryLevels levels_;
};

/// Error(model) for a model whose trees ask for a feature with levels that no data of ours can
/// have.
void require_codable_levels(const ModelDescription& model);

/// The features with levels that the trees ask for.
std::vector<const CategoryLevels*> levels_asked_for(const ModelDescription& model);

/// Puts codes in the place of values, as XGBoost does with the categories of a data frame.
class CategoryCoder {
  public:
    /// For the features with levels that the trees ask for. Needs no more of the model.
    explicit CategoryCoder(const ModelDescription& model);

    /// A value that is none of its feature's levels.
    struct Unknown {
        std::size_t row = 0;
        std::string what;  ///< "feature 'x' has the value 3, ..."
    };

    /// Codes a matrix of rows of all `width` features; missing values stay missing. Stops at the
    /// first unknown value.
    [[nodiscard]] std::optional<Unknown> code(std::span<float> matrix, std::size_t width) const;

    [[nodiscard]] std::uint64_t memory_bytes() const noexcept;

  private:
    struct Feature {
        std::uint32_t index = 0;
        std::string name;
        std::vector<std::pair<float, float>> codes;  ///< by value
    };
    [[nodiscard]] static Unknown unknown(const Feature& feature, std::size_t row, float value);

    std::vector<Feature> features_;
};

}  // namespace erawise::infer
