#include "infer/formats/model_signature.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "infer/formats/legacy_model.h"
#include "infer/formats/lightgbm_model.h"
#include "util/file_kind.h"

namespace erawise::infer {
namespace {

using std::string_view_literals::operator""sv;
using util::FileKind;

constexpr std::size_t kBeginningBytes = util::kFileKindBytes;
static_assert(kBeginningBytes >= kLegacyBeginningBytes);
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kSave =
    "save it with booster.save_model(\"model.ubj\") in XGBoost, or "
    "booster.save_model(\"model.txt\") in LightGBM (docs/PYTHON.md)";

/// What a file is that is no model.
struct OtherFile {
    std::string_view name;
    std::string_view remedy;  ///< empty: kSave
};

/// The same by its first bytes, where only those who have models meet it.
struct Signature {
    std::string_view bytes;
    std::string_view name;
    std::string_view remedy;
};

constexpr std::string_view kLoadInPython =
    "load it with joblib or pickle in Python, and save its booster: "
    "model.get_booster().save_model(\"model.ubj\") in XGBoost, "
    "model.booster_.save_model(\"model.txt\") in LightGBM (docs/PYTHON.md)";

constexpr Signature kSignatures[] = {
    {"\x80\x02"sv, "a Python pickle (protocol 2)", kLoadInPython},
    {"\x80\x03"sv, "a Python pickle (protocol 3)", kLoadInPython},
    {"\x80\x04"sv, "a Python pickle (protocol 4)", kLoadInPython},
    {"\x80\x05"sv, "a Python pickle (protocol 5)", kLoadInPython},
    {"ccopy_reg\n"sv, "a Python pickle (protocol 0)", kLoadInPython},
    {"cxgboost"sv, "a Python pickle (protocol 0)", kLoadInPython},
    {"clightgbm"sv, "a Python pickle (protocol 0)", kLoadInPython},
    {"ZF\x30\x78"sv, "a joblib file of an old version", kLoadInPython},
    {"\x78\x01"sv, "a joblib file (zlib)", kLoadInPython},
    {"\x78\x5E"sv, "a joblib file (zlib)", kLoadInPython},
    {"\x78\x9C"sv, "a joblib file (zlib)", kLoadInPython},
    {"\x78\xDA"sv, "a joblib file (zlib)", kLoadInPython},
    {"\x7F"
     "ELF"sv,
     "a compiled library (Treelite and TL2cgen make such)", ""},
    {"CBM1"sv, "a CatBoost model", "only XGBoost's and LightGBM's models can be read"},
    {"version https://git-lfs"sv, "a Git LFS pointer, which stands for a file that was not fetched",
     "fetch it: git lfs pull"},
    {"<!DOCTYPE"sv, "a web page", "download the model itself"},
    {"<!doctype"sv, "a web page", "download the model itself"},
    {"<html"sv, "a web page", "download the model itself"},
    {"<?xml"sv, "XML (PMML, or an error page of a store)", ""},
    {"booster["sv, "XGBoost's text dump, which has no base score", ""},
    {"id,"sv, "CSV data", ""},
};

struct Kind {
    FileKind kind;
    std::string_view name;
    std::string_view remedy;
};

constexpr std::array kKinds = {
    Kind{FileKind::bzip2, "compressed with bzip2", "unpack it: bunzip2 FILE"},
    Kind{FileKind::gzip, "compressed with gzip",
         "unpack it: gunzip FILE (or load it in Python, if it is a joblib or RDS file)"},
    Kind{FileKind::xz, "compressed with xz", "unpack it: unxz FILE"},
    Kind{FileKind::zstandard, "compressed with zstd", "unpack it: unzstd FILE"},
    Kind{FileKind::lz4, "compressed with lz4", "unpack it: unlz4 FILE"},
    Kind{FileKind::lzma_alone, "compressed with LZMA", "unpack it: unlzma FILE"},
    Kind{FileKind::lzip, "compressed with lzip", "unpack it: lzip -d FILE"},
    Kind{FileKind::seven_zip, "a 7-Zip archive", "unpack it: 7z x FILE"},
    Kind{FileKind::rar, "a RAR archive", "unpack it: unrar x FILE"},
    Kind{FileKind::zip, "a zip archive (skops, PyTorch, Keras and NumPy write such, too)",
         "unpack it if a model is in it; else load it in Python and save the booster alone "
         "(docs/PYTHON.md)"},
    Kind{FileKind::tar, "a tar archive", "unpack it: tar xf FILE"},
    Kind{FileKind::parquet, "Parquet data", ""},
    Kind{FileKind::hdf5, "an HDF5 file (Keras writes such)", ""},
    Kind{FileKind::numpy, "a NumPy array", ""},
    Kind{FileKind::utf16_little, "text in UTF-16, which a Windows shell may have written",
         "save it in UTF-8, or save the model again from Python"},
    Kind{FileKind::utf16_big, "text in UTF-16",
         "save it in UTF-8, or save the model again from Python"},
};

std::optional<OtherFile> other_file(std::string_view beginning) {
    const auto* const by_bytes = std::ranges::find_if(kSignatures, [&](const Signature& signature) {
        return beginning.starts_with(signature.bytes);
    });
    if (by_bytes != std::end(kSignatures)) {
        return OtherFile{by_bytes->name, by_bytes->remedy};
    }
    const auto* const by_kind = std::ranges::find(kKinds, util::file_kind(beginning), &Kind::kind);
    return by_kind != kKinds.end() ? std::optional(OtherFile{by_kind->name, by_kind->remedy})
                                   : std::nullopt;
}

/// UBJSON and JSON begin with a brace. JSON goes on with a quote or white space, UBJSON with the
/// length of a key: a type marker ('L', 'i', ...), or '$' or '#' for a typed container.
ModelFormat format_of_document(std::string_view beginning) {
    constexpr std::string_view kLengthMarkers = "LliIUu$#N";
    const bool is_ubjson = beginning.size() > 1 && kLengthMarkers.contains(beginning[1]);
    return is_ubjson ? ModelFormat::ubjson : ModelFormat::json;
}

}  // namespace

std::string read_beginning(std::istream& stream) {
    std::string beginning(kBeginningBytes, '\0');
    stream.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(stream.gcount()));
    stream.clear();
    stream.seekg(0);
    return beginning;
}

std::size_t byte_order_mark_bytes(std::string_view beginning) noexcept {
    return beginning.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0;
}

/// A brace may also be the first byte of a binary file's base score; no document has a number of
/// features where a binary file has it, as its bytes would be those of a key.
std::optional<ModelFormat> recognise_model(std::string_view beginning, std::uint64_t file_bytes) {
    if (may_be_legacy_model(beginning, file_bytes)) {
        return ModelFormat::binary;
    }
    const std::size_t mark = byte_order_mark_bytes(beginning);
    const std::string_view text = beginning.substr(mark);
    if (text.starts_with('{')) {
        return mark > 0 ? ModelFormat::json : format_of_document(text);
    }
    if (may_be_lightgbm_model(text)) {
        return ModelFormat::lightgbm;
    }
    return std::nullopt;
}

std::string name_other_file(std::string_view beginning) {
    if (beginning.empty()) {
        return fmt::format("the file is empty; {}", kSave);
    }
    const auto found = other_file(beginning);
    if (!found) {
        return fmt::format(
            "no XGBoost or LightGBM model; {} (pickle and joblib files have to be loaded in Python "
            "first)",
            kSave);
    }
    return fmt::format("no XGBoost or LightGBM model but {}; {}", found->name,
                       found->remedy.empty() ? kSave : found->remedy);
}

}  // namespace erawise::infer
