#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "util/error.h"

namespace erawise {

/// The names of a feature set of Numerai's features.json ("small", "medium", "all", ...), in its
/// order. Only the names of this one set are held in memory. Errors: Error(disk); Error(data) when
/// the file is no such document; Error(usage) with the sets that there are.
std::vector<std::string> read_feature_set(const std::filesystem::path& file, std::string_view set);

/// Those of `features` that no set has, in their order. The same errors.
std::vector<std::string> features_in_no_set(const std::filesystem::path& file,
                                            std::span<const std::string> features);

/// Numerai's features.json, read when a set is asked for; or why it could not be had.
class FeatureSets {
  public:
    FeatureSets() = default;
    explicit FeatureSets(std::filesystem::path file,
                         std::optional<util::Error> unavailable = std::nullopt)
        : file_(std::move(file)), unavailable_(std::move(unavailable)) {}

    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    /// read_feature_set(), or throws why the file could not be had.
    [[nodiscard]] std::vector<std::string> names(std::string_view set) const;

  private:
    std::filesystem::path file_;
    std::optional<util::Error> unavailable_;
};

}  // namespace erawise
