#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "decode/decoder.h"
#include "era/era_batch.h"
#include "util/stop_signal.h"

namespace erawise::decode {

/// Calls `body(batch)` for all rows of a decoder whose features are selected, a few blocks of
/// `block_bytes` at a time, or of more where features turn out to have more values; a signal ends
/// it with Error(cancelled).
template <typename Body>
void for_each_batch(Decoder& decoder, std::size_t block_bytes, const util::StopSignal& stop,
                    Body&& body) {
    constexpr std::size_t kBlocks = 4;
    const auto room_for = [](std::size_t bytes) {
        return era::EraBatch(kBlocks * std::max<std::size_t>(bytes, era::kPlaneBytes));
    };
    era::EraBatch batch = room_for(block_bytes);
    decoder.set_memory_source([&](const era::BlockLayout& layout) {
        batch = room_for(layout.block_bytes);
        return MemoryGrant{.window_bytes = UINT64_MAX, .page_bytes = UINT64_MAX};
    });
    while (decoder.next(batch)) {
        stop.throw_if_requested();
        body(std::as_const(batch));
    }
}

}  // namespace erawise::decode
