#include "infer/category_levels.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "infer/model_description.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

/// XGBoost's own limit is 16 million; no data of a tournament comes near this one.
constexpr std::size_t kMostLevels = 65'536;

/// Of all features: 4 MiB.
constexpr std::size_t kMostLevelsInAll = std::size_t{1} << 20;

/// Every whole number up to here is a float32.
constexpr double kLargestExact = 16'777'216;

constexpr std::size_t kShown = 8;

std::string shown(std::span<const std::pair<float, float>> codes) {
    std::string text;
    for (const auto& [value, code] : codes.first(std::min(codes.size(), kShown))) {
        text += fmt::format("{}{}", text.empty() ? "" : ", ", value);
    }
    return text + (codes.size() > kShown ? ", ..." : "");
}

std::string_view objection_to(CategoryLevels::Kind kind) {
    return kind == CategoryLevels::Kind::text
               ? "texts, and features are read as numbers"
               : "not whole numbers that float32 holds, or more than 65,536";
}

bool has_doubles(std::vector<float> values) {
    std::ranges::sort(values);
    return std::ranges::adjacent_find(values) != values.end();
}

}  // namespace

void LevelCollector::begin_feature() {
    levels_ = {};
    levels_.feature = features_++;
    offsets_ = 0;
}

void LevelCollector::type(double number) {
    const bool is_integer = number >= kFirstIntegerType && number <= kLastIntegerType;
    levels_.type = is_integer ? static_cast<std::uint8_t>(number) : std::uint8_t{0};
}

void LevelCollector::value(double number) {
    const bool is_exact = std::abs(number) <= kLargestExact && number == std::trunc(number);
    if (!is_exact || levels_.values.size() >= kMostLevels || levels_kept_ >= kMostLevelsInAll) {
        levels_.kind = CategoryLevels::Kind::others;
        return;
    }
    ++levels_kept_;
    levels_.values.push_back(static_cast<float>(number));
}

void LevelCollector::end_feature(std::vector<CategoryLevels>& levels) {
    const bool has_texts = offsets_ > 1;  // one more than there are texts
    const bool has_numbers =
        !levels_.values.empty() || levels_.kind != CategoryLevels::Kind::whole_numbers;
    if (has_texts) {
        levels_.kind = CategoryLevels::Kind::text;
    } else if (levels_.type == 0 || has_doubles(levels_.values)) {
        levels_.kind = CategoryLevels::Kind::others;
    }
    if (levels_.kind != CategoryLevels::Kind::whole_numbers) {
        levels_.values = {};
    }
    if (has_texts || has_numbers) {
        levels.push_back(std::move(levels_));
    }
}

std::vector<const CategoryLevels*> levels_asked_for(const ModelDescription& model) {
    std::vector<const CategoryLevels*> asked;
    for (const CategoryLevels& levels : model.category_levels) {
        if (levels.feature < model.is_asked.size() && model.is_asked[levels.feature]) {
            asked.push_back(&levels);
        }
    }
    return asked;
}

void require_codable_levels(const ModelDescription& model) {
    for (const CategoryLevels* const levels : levels_asked_for(model)) {
        if (levels->kind != CategoryLevels::Kind::whole_numbers) {
            throw util::Error(
                util::ErrorKind::model,
                fmt::format("{}: the categories of feature {} are {}; train with categories that "
                            "are the numbers of the data",
                            model.path.string(), name_of_feature(model, levels->feature),
                            objection_to(levels->kind)));
        }
    }
}

CategoryCoder::CategoryCoder(const ModelDescription& model) {
    for (const CategoryLevels* const levels : levels_asked_for(model)) {
        Feature& feature = features_.emplace_back(
            Feature{levels->feature, name_of_feature(model, levels->feature), {}});
        for (const float value : levels->values) {
            feature.codes.emplace_back(value, static_cast<float>(feature.codes.size()));
        }
        std::ranges::sort(feature.codes);
    }
}

CategoryCoder::Unknown CategoryCoder::unknown(const Feature& feature, std::size_t row,
                                              float value) {
    return {row, fmt::format("feature {} has the value {}, which is none of the categories that "
                             "the model was trained with ({}); train with all that occur, or with "
                             "the feature as a number",
                             feature.name, value, shown(feature.codes))};
}

std::optional<CategoryCoder::Unknown> CategoryCoder::code(std::span<float> matrix,
                                                          std::size_t width) const {
    for (std::size_t row = 0; row * width < matrix.size(); ++row) {
        for (const Feature& feature : features_) {
            float& value = matrix[row * width + feature.index];
            if (std::isnan(value)) {
                continue;
            }
            const auto found =
                std::ranges::lower_bound(feature.codes, value, {}, &std::pair<float, float>::first);
            if (found == feature.codes.end() || found->first != value) {
                return unknown(feature, row, value);
            }
            value = found->second;
        }
    }
    return std::nullopt;
}

std::uint64_t CategoryCoder::memory_bytes() const noexcept {
    std::uint64_t bytes = 0;
    for (const Feature& feature : features_) {
        bytes += sizeof feature + feature.codes.capacity() * sizeof feature.codes.front();
    }
    return bytes;
}

}  // namespace erawise::infer
