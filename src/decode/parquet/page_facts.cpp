#include "decode/parquet/page_facts.h"

#include <algorithm>

namespace erawise::decode {

void GroupFacts::add(const PageFacts& facts, std::size_t feature) noexcept {
    add({.sliceable = facts.is_sliceable ? std::size_t{1} : std::size_t{0},
         .sample = facts.is_sliceable ? feature : SIZE_MAX,
         .other_rows = facts.is_sliceable ? 0 : facts.page_rows,
         .other_sample = facts.is_sliceable ? SIZE_MAX : feature,
         .most_bytes = facts.page_bytes,
         .most_held_bytes = facts.held_bytes,
         .dictionary_bytes = facts.dictionary_bytes});
}

void GroupFacts::add(const GroupFacts& other) noexcept {
    sliceable += other.sliceable;
    sample = std::min(sample, other.sample);
    if (other.other_rows > other_rows || other_sample == SIZE_MAX) {
        other_sample = other.other_sample;
    } else if (other.other_rows == other_rows) {
        other_sample = std::min(other_sample, other.other_sample);
    }
    other_rows = std::max(other_rows, other.other_rows);
    most_bytes = std::max(most_bytes, other.most_bytes);
    most_held_bytes = std::max(most_held_bytes, other.most_held_bytes);
    dictionary_bytes = std::max(dictionary_bytes, other.dictionary_bytes);
}

}  // namespace erawise::decode
