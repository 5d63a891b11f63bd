#include "util/file_kind.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <system_error>

namespace erawise::util {
namespace {

using namespace std::string_view_literals;

struct Signature {
    std::string_view bytes;
    FileKind kind;
};

constexpr std::array kSignatures = {
    Signature{"PK\x03\x04", FileKind::zip},
    Signature{"PK\x05\x06", FileKind::empty_zip},
    Signature{"\x1F\x8B", FileKind::gzip},
    Signature{"\xFD\x37zXZ\0"sv, FileKind::xz},
    Signature{"(\xB5/\xFD", FileKind::zstandard},
    Signature{"LZIP\x01", FileKind::lzip},
    Signature{"\x04\x22\x4D\x18", FileKind::lz4},
    Signature{"\xFF\x06\0\0sNaPpY"sv, FileKind::snappy},
    Signature{"\x1F\x9D", FileKind::compress},
    Signature{"7z\xBC\xAF\x27\x1C", FileKind::seven_zip},
    Signature{"Rar!\x1A\x07", FileKind::rar},
    Signature{"\xD0\xCF\x11\xE0", FileKind::excel},
    Signature{"\x89HDF\r\n", FileKind::hdf5},
    Signature{"ARROW1\0\0"sv, FileKind::arrow},
    Signature{"Obj\x01", FileKind::avro},
    Signature{"\x93NUMPY", FileKind::numpy},
    Signature{"SQLite format 3\0"sv, FileKind::sqlite},
    Signature{"PAR1", FileKind::parquet},
    Signature{"\xFF\xFE", FileKind::utf16_little},
    Signature{"\xFE\xFF", FileKind::utf16_big},
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
    if (begin.size() < kFileKindBytes || begin[0] == '\0') {
        return false;
    }
    std::string_view digits = begin.substr(kSumAt, kSumBytes);
    digits.remove_prefix(std::min(digits.find_first_not_of(' '), digits.size()));
    std::uint64_t written = 0;
    const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), written, 8);
    std::uint64_t sum = kSumBytes * ' ';
    for (std::size_t i = 0; i < kFileKindBytes; ++i) {
        sum += i - kSumAt < kSumBytes ? 0U : static_cast<unsigned char>(begin[i]);
    }
    return parsed.ec == std::errc{} && written == sum;
}

}  // namespace

FileKind file_kind(std::string_view beginning) noexcept {
    const auto* const found = std::ranges::find_if(kSignatures, [&](const Signature& signature) {
        return beginning.starts_with(signature.bytes);
    });
    if (found != kSignatures.end()) {
        return found->kind;
    }
    if (is_bzip2(beginning)) {
        return FileKind::bzip2;
    }
    if (is_tar(beginning)) {
        return FileKind::tar;
    }
    return is_lzma_alone(beginning) ? FileKind::lzma_alone : FileKind::unknown;
}

}  // namespace erawise::util
