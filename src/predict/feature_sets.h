#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace erawise::infer {

/// The names of a feature set of Numerai's features.json ("small", "medium", "all", ...), in its
/// order. Only the names of this one set are held in memory. Errors: Error(disk); Error(data) when
/// the file is no such document; Error(usage) with the sets that there are.
std::vector<std::string> read_feature_set(const std::filesystem::path& file, std::string_view set);

}  // namespace erawise::infer
