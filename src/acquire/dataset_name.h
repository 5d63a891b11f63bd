#pragma once

#include <filesystem>
#include <string>

namespace erawise::acquire {

/// Where a dataset is kept: "v5.3/live.parquet" in `directory` is DIRECTORY/v5.3/live.parquet.
///
/// Throws Error(usage) for a name that could leave the directory or stand for a file of ours: an
/// absolute path, "..", a segment that starts with a dot, characters other than letters, digits,
/// '.', '_' and '-', or the endings ".part" and ".meta.json".
std::filesystem::path dataset_path(const std::filesystem::path& directory, const std::string& name);

}  // namespace erawise::acquire
