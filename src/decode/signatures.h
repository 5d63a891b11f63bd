#pragma once

#include <string_view>

namespace erawise::decode {

inline constexpr std::string_view kXzMagic{
    "\xFD"
    "7zXZ\0",
    6};
inline constexpr std::string_view kParquetMagic = "PAR1";
inline constexpr std::string_view kEncryptedParquetMagic = "PARE";

}  // namespace erawise::decode
