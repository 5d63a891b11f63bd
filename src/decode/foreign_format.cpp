#include "decode/foreign_format.h"

#include <algorithm>
#include <array>

#include "decode/signatures.h"
#include "util/file_kind.h"

namespace erawise::decode {
namespace {

using util::FileKind;

static_assert(kForeignBytes >= util::kFileKindBytes);

struct Foreign {
    FileKind kind;
    std::string_view what;
};

constexpr std::array kForeign = {
    Foreign{FileKind::zip, "a zip archive (or an Excel workbook): unpack it first"},
    Foreign{FileKind::empty_zip, "an empty zip archive"},
    Foreign{FileKind::gzip, "a gzip file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::zstandard, "a Zstandard file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::lzip, "an lzip file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::lz4, "an LZ4 file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::snappy, "a Snappy file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::compress,
            "a file of compress (.Z): recompress it with xz, or unpack it first"},
    Foreign{FileKind::bzip2, "a bzip2 file: recompress it with xz, or unpack it first"},
    Foreign{FileKind::lzma_alone,
            "a file of the old LZMA format (.lzma): recompress it with xz, or unpack it first"},
    Foreign{FileKind::tar, "a tar archive: unpack it first"},
    Foreign{FileKind::seven_zip, "a 7z archive: unpack it first"},
    Foreign{FileKind::rar, "a RAR archive: unpack it first"},
    Foreign{FileKind::excel, "an Excel workbook of the old kind: save it as CSV"},
    Foreign{FileKind::hdf5, "an HDF5 file: write it as Parquet"},
    Foreign{FileKind::arrow, "an Arrow (Feather) file: write it as Parquet"},
    Foreign{FileKind::avro, "an Avro file: write it as Parquet"},
    Foreign{FileKind::numpy, "an array of NumPy: write it as Parquet, with ids and names"},
    Foreign{FileKind::sqlite, "an SQLite database: write the table as Parquet"},
    Foreign{FileKind::utf16_little, "text in UTF-16: save it as UTF-8"},
    Foreign{FileKind::utf16_big, "text in UTF-16: save it as UTF-8"},
};

}  // namespace

std::string_view foreign_format(std::string_view begin) noexcept {
    const auto* const found = std::ranges::find(kForeign, util::file_kind(begin), &Foreign::kind);
    if (found != kForeign.end()) {
        return found->what;
    }
    if (begin.starts_with('<')) {
        return "an HTML or XML page, not data: a failed download";
    }
    if (begin.starts_with('{')) {
        return "a JSON document, not data";
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
