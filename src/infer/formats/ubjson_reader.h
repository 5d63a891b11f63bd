#pragma once

#include <istream>

namespace erawise::infer {

class ModelEvents;

/// Reads a UBJSON document and passes what is in it to `events`, in the order of the file. Holds a
/// buffer of 64 KiB, whatever the document claims. Arrays of numbers, which are nearly all of a
/// model, are decoded in one go, and passed over where nobody wants them.
///
/// What is wrong with the document is in `events.error()`, with the byte. Format: Universal Binary
/// JSON, draft 12.
void read_ubjson(std::istream& stream, ModelEvents& events);

}  // namespace erawise::infer
