#include "decode/foreign_format.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdint>

#include "decode/signatures.h"

namespace erawise::decode {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::string_view bytes;
    std::string_view what;
};

constexpr std::array kForeign = {
    Signature{"PK\x03\x04", "a zip archive (or an Excel workbook): unpack it first"},
    Signature{"PK\x05\x06", "an empty zip archive"},
    Signature{"\x1F\x8B", "a gzip file: recompress it with xz, or unpack it first"},
    Signature{"(\xB5/\xFD", "a Zstandard file: recompress it with xz, or unpack it first"},
    Signature{"LZIP\x01", "an lzip file: recompress it with xz, or unpack it first"},
    Signature{"\x04\x22\x4D\x18", "an LZ4 file: recompress it with xz, or unpack it first"},
    Signature{"\xFF\x06\0\0sNaPpY"sv, "a Snappy file: recompress it with xz, or unpack it first"},
    Signature{"\x1F\x9D", "a file of compress (.Z): recompress it with xz, or unpack it first"},
    Signature{"7z\xBC\xAF\x27\x1C", "a 7z archive: unpack it first"},
    Signature{"Rar!\x1A\x07", "a RAR archive: unpack it first"},
    Signature{"\xD0\xCF\x11\xE0", "an Excel workbook of the old kind: save it as CSV"},
    Signature{"\x89HDF\r\n", "an HDF5 file: write it as Parquet"},
    Signature{"ARROW1\0\0"sv, "an Arrow (Feather) file: write it as Parquet"},
    Signature{"Obj\x01", "an Avro file: write it as Parquet"},
    Signature{"\x93NUMPY", "an array of NumPy: write it as Parquet, with ids and names"},
    Signature{"SQLite format 3\0"sv, "an SQLite database: write the table as Parquet"},
    Signature{"\xFF\xFE", "text in UTF-16: save it as UTF-8"},
    Signature{"\xFE\xFF", "text in UTF-16: save it as UTF-8"},
    Signature{"<", "an HTML or XML page, not data: a failed download"},
    Signature{"{", "a JSON document, not data"},
};

/// "BZh", the size of its blocks, and the magic of a block, or of the end where there is none.
bool is_bzip2(std::string_view begin) noexcept {
    constexpr std::size_t kMagicAt = 4;
    if (!begin.starts_with("BZh") || begin.size() < kMagicAt) {
        return false;
    }
    const std::string_view magic = begin.substr(kMagicAt);
    return magic.starts_with("1AY&SY") || magic.starts_with("\x17rE8P\x90");
}

std::uint64_t little_endian(std::string_view bytes) noexcept {
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        number |= std::uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return number;
}

/// .lzma has no magic bytes: properties, a dictionary of 2^n or 2^n + 2^(n-1) bytes, and a size
/// that is unknown or below 256 GiB, as liblzma itself looks for it.
bool is_lzma_alone(std::string_view begin) noexcept {
    constexpr std::size_t kHeaderBytes = 13;
    constexpr unsigned char kMostProperties = (4 * 5 + 4) * 9 + 8;
    if (begin.size() < kHeaderBytes || static_cast<unsigned char>(begin[0]) > kMostProperties) {
        return false;
    }
    const auto dictionary = static_cast<std::uint32_t>(little_endian(begin.substr(1, 4)));
    const std::uint64_t size = little_endian(begin.substr(5, 8));
    const std::uint32_t rest = dictionary & (dictionary - 1);
    const bool is_usual =
        dictionary >= 4096 && (rest == 0 || (std::has_single_bit(rest) && rest > dictionary / 4));
    return (is_usual || dictionary == UINT32_MAX) &&
           (size == UINT64_MAX || size < (std::uint64_t{1} << 38));
}

/// The header of a tar archive has the sum of its bytes in octal digits, those of the sum itself
/// taken for spaces; only later formats have a magic.
bool is_tar(std::string_view begin) noexcept {
    constexpr std::size_t kSumAt = 148;
    constexpr std::size_t kSumBytes = 8;
    if (begin.size() < kForeignBytes || begin[0] == '\0') {
        return false;
    }
    std::string_view digits = begin.substr(kSumAt, kSumBytes);
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
    std::uint64_t written = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), written, 8);
    std::uint64_t sum = kSumBytes * ' ';
    for (std::size_t i = 0; i < kForeignBytes; ++i) {
        sum += i - kSumAt < kSumBytes ? 0U : static_cast<unsigned char>(begin[i]);
    }
    return parsed.ec == std::errc{} && written == sum;
}

}  // namespace

std::string_view foreign_format(std::string_view begin) noexcept {
    for (const Signature& foreign : kForeign) {
        if (begin.starts_with(foreign.bytes)) {
            return foreign.what;
        }
    }
    if (is_bzip2(begin)) {
        return "a bzip2 file: recompress it with xz, or unpack it first";
    }
    if (is_tar(begin)) {
        return "a tar archive: unpack it first";
    }
    if (is_lzma_alone(begin)) {
        return "a file of the old LZMA format (.lzma): recompress it with xz, or unpack it first";
    }
    if (begin.substr(0, 8).contains('\0')) {
        return "neither Parquet, CSV nor xz: it begins with binary bytes";
    }
    return {};
}

std::string_view foreign_text(std::string_view begin) noexcept {
    if (begin.starts_with(kXzMagic)) {
        return "an xz file: unpack it first";
    }
    if (begin.starts_with(kParquetMagic)) {
        return "a Parquet file: unpack it first";
    }
    return foreign_format(begin);
}

}  // namespace erawise::decode
