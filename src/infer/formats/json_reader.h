#pragma once

#include <istream>

namespace erawise::infer {

class ModelEvents;

/// Reads a JSON document (RFC 8259) and passes what is in it to `events`, in the order of the file.
/// Beyond JSON it takes NaN, Infinity and -Infinity for numbers: XGBoost writes thresholds so.
/// Holds a buffer of 64 KiB and one text.
///
/// What is wrong with the document is in `events.error()`, with the byte. Source of the notation:
/// JsonReader and JsonWriter in XGBoost, src/common/json.cc.
void read_json(std::istream& stream, ModelEvents& events);

}  // namespace erawise::infer
