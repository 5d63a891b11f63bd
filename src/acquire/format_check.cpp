#include "acquire/format_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <system_error>

#include "util/error.h"

namespace erawise::acquire {
namespace {

using namespace std::string_view_literals;

/// Magic bytes at both ends, metadata length and a footer of at least one byte.
constexpr std::uintmax_t kSmallestParquet = 12;

constexpr std::string_view kParquetMagic = "PAR1";
constexpr std::string_view kXzMagic = "\xfd\x37\x7a\x58\x5a\x00"sv;
constexpr std::string_view kXzFooterMagic = "YZ";

/// Zero bytes behind an xz stream, in fours, are padding. More than these are not looked through.
constexpr std::uintmax_t kLongestTail = 4096;

struct Ends {
    std::uintmax_t size = 0;
    std::string head;
    std::string tail;
};

Ends read_ends(const std::filesystem::path& path) {
    std::error_code status;
    Ends ends{.size = std::filesystem::file_size(path, status), .head = {}, .tail = {}};
    std::ifstream file(path, std::ios::binary);
    if (status || !file) {
        throw util::Error(util::ErrorKind::disk, fmt::format("cannot read {}", path.string()));
    }
    ends.head.resize(std::min<std::uintmax_t>(ends.size, kXzMagic.size()));
    file.read(ends.head.data(), static_cast<std::streamsize>(ends.head.size()));
    ends.tail.resize(std::min(ends.size, kLongestTail));
    file.seekg(-static_cast<std::streamoff>(ends.tail.size()), std::ios::end);
    file.read(ends.tail.data(), static_cast<std::streamsize>(ends.tail.size()));
    return ends;
}

bool has_xz_footer(std::string_view tail) {
    while (tail.ends_with("\0\0\0\0"sv)) {
        tail.remove_suffix(4);
    }
    return tail.ends_with(kXzFooterMagic);
}

}  // namespace

std::string format_problem(const std::filesystem::path& file, std::string_view name) {
    if (name.ends_with(".parquet")) {
        const Ends ends = read_ends(file);
        if (ends.size < kSmallestParquet || !ends.head.starts_with(kParquetMagic)) {
            return "it does not start as a Parquet file (PAR1)";
        }
        return ends.tail.ends_with(kParquetMagic)
                   ? ""
                   : "it does not end as a Parquet file (PAR1): it is truncated";
    }
    if (name.ends_with(".xz")) {
        const Ends ends = read_ends(file);
        if (ends.head != kXzMagic) {
            return "it does not start as an xz file";
        }
        return has_xz_footer(ends.tail) ? "" : "it has no xz footer at its end: it is truncated";
    }
    return {};
}

}  // namespace erawise::acquire
