#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace erawise::util {

/// What people have in the place of what is asked for: archives, compressed files, tables, texts.
enum class FileKind : std::uint8_t {
    unknown,
    zip,
    empty_zip,
    gzip,
    xz,
    zstandard,
    lzip,
    lz4,
    snappy,
    compress,  ///< .Z
    bzip2,
    lzma_alone,  ///< .lzma
    tar,
    seven_zip,
    rar,
    excel,  ///< of the old kind; the new one is a zip archive
    hdf5,
    arrow,
    avro,
    numpy,
    sqlite,
    parquet,
    utf16_little,
    utf16_big
};

/// As many of the first bytes as file_kind() looks at: the header of a tar archive.
inline constexpr std::size_t kFileKindBytes = 512;

/// By the first bytes of a file.
FileKind file_kind(std::string_view beginning) noexcept;

}  // namespace erawise::util
