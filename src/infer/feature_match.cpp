#include "infer/feature_match.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

#include "util/error.h"

namespace erawise::infer {
std::optional<RepeatedName> find_repeated_name(std::span<const std::string> names) {
    std::unordered_map<std::string_view, std::size_t> places;
    for (const std::string& name : names) {
        const auto [found, is_new] = places.try_emplace(name, places.size());
        if (!is_new) {
            return RepeatedName{found->second, places.size()};
        }
    }
    return std::nullopt;
}

std::vector<std::string> feature_names_of(const ModelDescription& model,
                                          std::span<const std::string> configured,
                                          std::span<const std::string> data_features) {
    if (!model.feature_names.empty()) {
        return model.feature_names;
    }
    const std::span<const std::string> names = configured.empty() ? data_features : configured;
    if (names.size() != model.num_feature) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("{} carries no feature names and has {} features, but {} {}; train it on a "
                        "DataFrame so that it keeps the names, or list them under "
                        "'submissions[].features'",
                        model.path.string(), model.num_feature,
                        configured.empty() ? "the data has" : "the configuration lists",
                        names.size()));
    }
    if (const auto repeated = find_repeated_name(configured)) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("{}: the configuration lists the feature '{}' twice, at {} and {} (counted "
                        "from 0)",
                        model.path.string(), names[repeated->first], repeated->first,
                        repeated->second));
    }
    return {names.begin(), names.end()};
}

void require_features(const ModelDescription& model, std::span<const std::string> features,
                      std::span<const std::string> columns, std::string_view data_name) {
    constexpr std::size_t kShown = 5;
    const std::unordered_set<std::string_view> known(columns.begin(), columns.end());
    std::string shown;
    std::size_t missing = 0;
    for (const std::string& feature : features) {
        if (!known.contains(feature) && missing++ < kShown) {
            shown += fmt::format("{}'{}'", shown.empty() ? "" : ", ", feature);
        }
    }
    if (missing > 0) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format(
                "{}: {} of its {} features are not in {}: {}{}; use data of the version that "
                "the model was trained on",
                model.path.string(), missing, features.size(), data_name, shown,
                missing > kShown ? ", ..." : ""));
    }
}

std::vector<std::uint32_t> FeatureUnion::add(std::span<const std::string> features) {
    std::unordered_map<std::string, std::uint32_t> places;
    for (const std::string& name : names_) {
        places.try_emplace(name, static_cast<std::uint32_t>(places.size()));
    }
    std::vector<std::uint32_t> columns;
    columns.reserve(features.size());
    for (const std::string& feature : features) {
        const auto [place, is_new] =
            places.try_emplace(feature, static_cast<std::uint32_t>(names_.size()));
        if (is_new) {
            names_.push_back(feature);
        }
        columns.push_back(place->second);
    }
    return columns;
}

}  // namespace erawise::infer
