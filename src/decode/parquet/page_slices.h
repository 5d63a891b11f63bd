#pragma once

#include <cstdint>
#include <memory>

#include "decode/parquet/page.h"
#include "decode/parquet/streamed_runs.h"

namespace erawise::decode {

/// A page that is decoded in slices, without being held in between: where the next one begins.
struct PageSlices {
    Page page;  ///< but for its bytes
    std::uint32_t row = 0;
    PageStream::Place place;
    std::uint8_t index_bits = 0;
    StreamedRuns::Mark indices;
    std::unique_ptr<StreamedRuns::Mark> levels;  ///< none: every row has a value
};

}  // namespace erawise::decode
