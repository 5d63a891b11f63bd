#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "infer/model_description.h"

namespace erawise::infer {

/// The first bytes of a model file, as many as the following functions look at; the stream goes
/// back to its start.
std::string read_beginning(std::istream& stream);

/// Bytes of the byte order mark that an editor has put in front of a text; 0 where there is none.
std::size_t byte_order_mark_bytes(std::string_view beginning) noexcept;

/// The format of a model file by its beginning, whatever the file is called; empty when it is none.
/// Texts may have a byte order mark.
std::optional<ModelFormat> recognise_model(std::string_view beginning, std::uint64_t file_bytes);

/// What a file is that is no model, and what to do with it: "is a pickle; load it in Python ...".
std::string name_other_file(std::string_view beginning);

}  // namespace erawise::infer
