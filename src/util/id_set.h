#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace erawise::util {

/// A set of row ids as 24 bytes: how many, and a 128-bit hash that does not depend on their order.
/// Two sets are equal when they have the same ids equally often, but for a chance of 2^-128. Made
/// for comparing what was predicted with what is about to be sent, not against forgery.
class IdSet {
  public:
    void add(std::string_view id) noexcept {
        std::uint64_t low = id.size() ^ 0x9e3779b97f4a7c15U;
        std::uint64_t high = id.size() ^ 0xc2b2ae3d27d4eb4fU;
        for (std::size_t at = 0; at < id.size(); at += sizeof(std::uint64_t)) {
            const std::string_view piece = id.substr(at, sizeof(std::uint64_t));
            std::uint64_t word = 0;
            std::memcpy(&word, piece.data(), piece.size());
            low = mixed(low ^ word);
            high = mixed(high + (word * 0xff51afd7ed558ccdU));
        }
        low_ += mixed(low);
        high_ += mixed(high ^ 0x165667b19e3779f9U);
        ++count_;
    }

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }

    bool operator==(const IdSet&) const = default;

  private:
    /// The finaliser of splitmix64: every bit of the input changes half of the bits.
    static std::uint64_t mixed(std::uint64_t value) noexcept {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
        return value ^ (value >> 31);
    }

    std::uint64_t low_ = 0;
    std::uint64_t high_ = 0;
    std::uint64_t count_ = 0;
};

}  // namespace erawise::util
