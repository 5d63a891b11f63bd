#include "decode/parquet/group_rows.h"

namespace erawise::decode {

/// The end of a page is a good end, no page is decoded twice then.
std::size_t DecodedRows::count_for(std::uint64_t row, std::uint64_t left, std::size_t room) const {
    if (left <= room) {
        return static_cast<std::size_t>(left);
    }
    if (page_rows_ > 0) {
        const std::uint64_t end = (row + room) / page_rows_ * page_rows_;
        if (end > row) {
            return static_cast<std::size_t>(end - row);
        }
    }
    return room;
}

bool DecodedRows::read(const era::BlockLayout& /*layout*/, PlaneWindow& window,
                       std::uint64_t /*row*/, std::size_t rows, std::size_t position) {
    return features_.decode_all(rows, [&](std::size_t i) { return window.column(i); }, position);
}

}  // namespace erawise::decode
