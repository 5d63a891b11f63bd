#include "decode/parquet/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "decode/parquet/footer.h"
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

/// Of a column's values; what is nested is told as such.
std::string type_name(const ParquetColumn& column) {
    if (column.shape != Shape::flat) {
        return describe(column);
    }
    return fmt::format("{}{}", name_of(column.type), column.is_optional ? "?" : "");
}

std::string codec_name(const ChunkMetadata& chunk) {
    if (chunk.is_encrypted) {
        return "encrypted";
    }
    return chunk.codec >= 0 && chunk.codec <= static_cast<std::int64_t>(Codec::lz4_raw)
               ? std::string(name_of(static_cast<Codec>(chunk.codec)))
               : fmt::format("codec {}", chunk.codec);
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
        ++types[type_name(column)];
    }
    text += fmt::format("  schema    {} (?: may be null)\n", counts(types));
    std::map<std::string, std::uint64_t> codecs;
    std::map<std::string, std::uint64_t> encodings;
    std::uint64_t least = UINT64_MAX;
    std::uint64_t most = 0;
    for (std::size_t group = 0; group < footer.row_groups().size(); ++group) {
        least = std::min(least, footer.row_groups()[group].rows);
        most = std::max(most, footer.row_groups()[group].rows);
        footer.visit_chunks(group, [&](const ChunkMetadata& chunk) {
            ++codecs[codec_name(chunk)];
            for (unsigned number = 0; number < 10; ++number) {
                if ((chunk.encodings >> number & 1) != 0) {
                    ++encodings[std::string(name_of(static_cast<Encoding>(number)))];
                }
            }
        });
    }
    text += fmt::format("  groups    {} of {} to {} rows\n", footer.row_groups().size(),
                        footer.row_groups().empty() ? 0 : least, most);
    text += fmt::format("  codecs    {} column chunks\n", counts(codecs));
    text += fmt::format("  encodings {} column chunks\n", counts(encodings));
    return text;
}

}  // namespace erawise::decode
