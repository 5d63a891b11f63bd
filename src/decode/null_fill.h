#pragma once

#include <memory>

#include "decode/decoder.h"

namespace erawise::decode {

/// A decoder whose batches have `value` in the place of missing features; targets stay missing.
std::unique_ptr<Decoder> fill_nulls(std::unique_ptr<Decoder> decoder, float value);

}  // namespace erawise::decode
