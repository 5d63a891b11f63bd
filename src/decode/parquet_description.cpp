#include "decode/parquet_description.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <vector>

#include "decode/parquet_footer.h"
#include "decode/random_file.h"
#include "util/byte_size.h"

namespace erawise::decode {
namespace {

bool is_parquet(const RandomFile& file) {
    std::array<char, 4> magic{};
    return file.read(0, magic) == magic.size() &&
           std::string_view(magic.data(), magic.size()) == "PAR1";
}

std::string counts(const std::map<std::string, std::uint64_t>& counted) {
    std::string text;
    for (const auto& [name, count] : counted) {
        text += fmt::format("{}{} x {}", text.empty() ? "" : ", ", count, name);
    }
    return text;
}

}  // namespace

std::string describe_parquet(const std::filesystem::path& path) {
    const RandomFile file(path);
    if (!is_parquet(file)) {
        return "";
    }
    const ParquetFooter footer(file);
    std::string text = fmt::format("  format    Parquet by {}, metadata of {}\n",
                                   footer.created_by().empty() ? "?" : footer.created_by(),
                                   util::format_byte_size(footer.footer_bytes()));
    std::map<std::string, std::uint64_t> types;
    for (const ParquetColumn& column : footer.columns()) {
        ++types[fmt::format("{}{}", name_of(column.type), column.is_optional ? "?" : "")];
    }
    text += fmt::format("  schema    {} (?: may be null)\n", counts(types));
    std::vector<std::uint32_t> all(footer.columns().size());
    std::iota(all.begin(), all.end(), 0u);
    std::map<std::string, std::uint64_t> codecs;
    std::map<std::string, std::uint64_t> encodings;
    std::uint64_t least = UINT64_MAX;
    std::uint64_t most = 0;
    for (std::size_t group = 0; group < footer.row_groups().size(); ++group) {
        least = std::min(least, footer.row_groups()[group].rows);
        most = std::max(most, footer.row_groups()[group].rows);
        for (const ColumnChunk& chunk : footer.chunks(group, all)) {
            ++codecs[std::string(name_of(chunk.codec))];
            for (unsigned number = 0; number < 10; ++number) {
                if ((chunk.encodings >> number & 1) != 0) {
                    ++encodings[std::string(name_of(static_cast<Encoding>(number)))];
                }
            }
        }
    }
    text += fmt::format("  groups    {} of {} to {} rows\n", footer.row_groups().size(),
                        footer.row_groups().empty() ? 0 : least, most);
    text += fmt::format("  codecs    {} column chunks\n", counts(codecs));
    text += fmt::format("  encodings {} column chunks\n", counts(encodings));
    return text;
}

}  // namespace erawise::decode
