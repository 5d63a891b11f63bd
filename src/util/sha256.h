#pragma once

#include <filesystem>
#include <string>

namespace erawise::util {

/// SHA-256 of a file, 64 lower-case hexadecimal digits; read in pieces. Error(disk).
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace erawise::util
