#pragma once

#include <cstdint>
#include <string_view>

#include "util/id_hash.h"

namespace erawise::util {

/// A set of row ids as 24 bytes: how many, and a 128-bit hash that does not depend on their order.
/// Two sets are equal when they have the same ids equally often, but for a chance of 2^-128. Made
/// for comparing what was predicted with what is about to be sent, not against forgery.
class IdSet {
  public:
    void add(std::string_view id) noexcept {
        std::uint64_t low = id.size() ^ 0x9e3779b97f4a7c15U;
        std::uint64_t high = id.size() ^ 0xc2b2ae3d27d4eb4fU;
        for_each_word(id, [&](std::uint64_t word) {
            low = mixed(low ^ word);
            high = mixed(high + (word * 0xff51afd7ed558ccdU));
        });
        low_ += mixed(low);
        high_ += mixed(high ^ 0x165667b19e3779f9U);
        ++count_;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    bool operator==(const IdSet&) const = default;

  private:
    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace erawise::util
