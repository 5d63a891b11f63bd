#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "util/id_hash.h"

namespace erawise::util {

/// An id that is there twice, and where: lines or rows, as the caller counts them.
struct DuplicateId {
    std::string id;
    std::uint64_t first = 0;
    std::uint64_t second = 0;
};

namespace detail {

/// Equal hashes are not yet equal ids: looks at the ids themselves.
template <typename ForEachId>
std::optional<DuplicateId> confirm_duplicate(ForEachId&& for_each_id, std::uint64_t hash) {
    std::unordered_map<std::string, std::uint64_t> seen;
    std::optional<DuplicateId> found;
    for_each_id([&](std::string_view id, std::uint64_t place) {
        if (found || id_hash(id) != hash) {
            return;
        }
        const auto [earlier, is_new] = seen.emplace(id, place);
        if (!is_new) {
            found = DuplicateId{std::string(id), earlier->second, place};
        }
    });
    return found;
}

template <typename ForEachId>
std::optional<DuplicateId> find_among(std::vector<std::uint64_t>& hashes, ForEachId&& for_each_id) {
    std::ranges::sort(hashes);
    auto same = hashes.begin();
    while ((same = std::adjacent_find(same, hashes.end())) != hashes.end()) {
        if (auto found = confirm_duplicate(for_each_id, *same)) {
            return found;
        }
        same = std::upper_bound(same, hashes.end(), *same);
    }
    return std::nullopt;
}

}  // namespace detail

/// An id that is there twice, if there is one. `for_each_id(body)` goes through all ids from the
/// first one on, each time it is called, and calls `body(id, place)`.
///
/// Holds `ids_at_a_time` hashes of 8 bytes at most, and goes over the ids once, or once for each
/// share of them that has room and once more to count them.
template <typename ForEachId>
std::optional<DuplicateId> find_duplicate_id(ForEachId&& for_each_id, std::size_t ids_at_a_time) {
    std::vector<std::uint64_t> hashes;
    hashes.reserve(ids_at_a_time);
    std::uint64_t ids = 0;
    for_each_id([&](std::string_view id, std::uint64_t) {
        if (++ids <= ids_at_a_time) {
            hashes.push_back(id_hash(id));
        }
    });
    if (ids <= ids_at_a_time) {
        return detail::find_among(hashes, for_each_id);
    }
    // A quarter of the room is for shares that are larger than the mean.
    const std::uint64_t passes = ids / (ids_at_a_time - ids_at_a_time / 4) + 1;
    for (std::uint64_t pass = 0; pass < passes; ++pass) {
        hashes.clear();
        for_each_id([&](std::string_view id, std::uint64_t) {
            if (const auto hash = id_hash(id); hash % passes == pass) {
                hashes.push_back(hash);
            }
        });
        if (auto found = detail::find_among(hashes, for_each_id)) {
            return found;
        }
    }
    return std::nullopt;
}

}  // namespace erawise::util
