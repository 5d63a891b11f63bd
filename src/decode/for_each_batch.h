#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "decode/decoder.h"
#include "era/era_batch.h"
#include "util/stop_signal.h"

namespace erawise::decode {

/// Calls `body(batch)` for all rows of a decoder whose features are selected, a few blocks of
/// `block_bytes` at a time; a signal ends it with Error(cancelled).
template <typename Body>
void for_each_batch(Decoder& decoder, std::size_t block_bytes, const util::StopSignal& stop,
                    Body&& body) {
    constexpr std::size_t kBlocks = 4;
    era::EraBatch batch(kBlocks * std::max<std::size_t>(block_bytes, era::kPlaneBytes));
    while (decoder.next(batch)) {
        stop.throw_if_requested();
        body(std::as_const(batch));
    }
}

}  // namespace erawise::decode
