#include "predict/column_match.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <iterator>

#include "decode/decoder.h"
#include "predict/feature_sets.h"
#include "util/error.h"

namespace erawise {
namespace {

bool says_meta(std::string_view name) {
    std::string lower(name);
    std::ranges::transform(lower, lower.begin(), [](char c) {
        return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    return lower.contains("meta");
}

}  // namespace

std::vector<stats::FeatureColumn> match_feature_set(const std::string& set,
                                                    const std::filesystem::path& features_file,
                                                    const DataColumns& data,
                                                    infer::FeatureUnion& used) {
    const auto names = infer::read_feature_set(features_file, set);
    const auto absent = std::ranges::find_if_not(
        names, [&](const std::string& name) { return std::ranges::contains(data.names, name); });
    if (absent != names.end()) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: there is no column '{}' of the feature set '{}' of {}; data and "
                        "feature set have to be of the same version",
                        data.file, *absent, set, features_file.string()));
    }
    const std::vector<std::uint32_t> places = used.add(names);
    std::vector<stats::FeatureColumn> features;
    for (std::size_t i = 0; i < names.size(); ++i) {
        features.push_back({names[i], places[i]});
    }
    return features;
}

stats::ScoreKind contribution_kind(const std::filesystem::path& file, std::string_view column) {
    const std::string name = column == "prediction" ? file.stem().string() : std::string(column);
    return says_meta(name) ? stats::ScoreKind::mmc : stats::ScoreKind::bmc;
}

void require_target(const std::string& target, const DataColumns& data) {
    if (!std::ranges::contains(data.names, target)) {
        std::vector<std::string> targets;
        std::ranges::copy_if(data.names, std::back_inserter(targets), decode::is_target_name);
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: there is no column '{}' to score against; {}", data.file, target,
                        targets.empty()
                            ? "live data has no targets, validation data has"
                            : fmt::format("--target may be {}", fmt::join(targets, ", "))));
    }
}

}  // namespace erawise
