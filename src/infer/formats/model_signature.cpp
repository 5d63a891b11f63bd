#include "infer/formats/model_signature.h"

#include <fmt/format.h>

#include <algorithm>

#include "infer/formats/legacy_model.h"
#include "infer/formats/lightgbm_model.h"

namespace erawise::infer {
namespace {

using std::string_view_literals::operator""sv;

constexpr std::size_t kBeginningBytes = 512;
static_assert(kBeginningBytes >= kLegacyBeginningBytes);
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

constexpr std::string_view kSave =
    "save it with booster.save_model(\"model.ubj\") in XGBoost, or "
    "booster.save_model(\"model.txt\") in LightGBM (docs/PYTHON.md)";

/// What a file's first bytes say that it is.
struct Signature {
    std::string_view bytes;
    std::string_view name;
    std::string_view remedy;  ///< empty: kSave
    std::size_t offset = 0;
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
    {"BZh"sv, "compressed with bzip2", "unpack it: bunzip2 FILE"},
    {"\x1F\x8B"sv, "compressed with gzip",
     "unpack it: gunzip FILE (or load it in Python, if it is a joblib or RDS file)"},
    {"\xFD\x37zXZ"sv, "compressed with xz", "unpack it: unxz FILE"},
    {"\x28\xB5\x2F\xFD"sv, "compressed with zstd", "unpack it: unzstd FILE"},
    {"\x04\x22\x4D\x18"sv, "compressed with lz4", "unpack it: unlz4 FILE"},
    {"\x5D\x00\x00"sv, "compressed with LZMA", "unpack it: unlzma FILE"},
    {"LZIP"sv, "compressed with lzip", "unpack it: lzip -d FILE"},
    {"7z\xBC\xAF\x27\x1C"sv, "a 7-Zip archive", "unpack it: 7z x FILE"},
    {"Rar!"sv, "a RAR archive", "unpack it: unrar x FILE"},
    {"PK\x03\x04"sv, "a zip archive (skops, PyTorch, Keras and NumPy write such, too)",
     "unpack it if a model is in it; else load it in Python and save the booster alone "
     "(docs/PYTHON.md)"},
    {"ustar"sv, "a tar archive", "unpack it: tar xf FILE", 257},
    {"PAR1"sv, "Parquet data", ""},
    {"\x89HDF"sv, "an HDF5 file (Keras writes such)", ""},
    {"\x93NUMPY"sv, "a NumPy array", ""},
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
    {"\xFF\xFE"sv, "text in UTF-16, which a Windows shell may have written",
     "save it in UTF-8, or save the model again from Python"},
    {"\xFE\xFF"sv, "text in UTF-16", "save it in UTF-8, or save the model again from Python"},
};

bool fits(std::string_view beginning, const Signature& signature) {
    return beginning.size() > signature.offset &&
           beginning.substr(signature.offset).starts_with(signature.bytes);
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
    const auto found = std::ranges::find_if(
        kSignatures, [&](const Signature& signature) { return fits(beginning, signature); });
    if (found == std::end(kSignatures)) {
        return fmt::format(
            "no XGBoost or LightGBM model; {} (pickle and joblib files have to be loaded in Python "
            "first)",
            kSave);
    }
    return fmt::format("no XGBoost or LightGBM model but {}; {}", found->name,
                       found->remedy.empty() ? kSave : found->remedy);
}

}  // namespace erawise::infer
