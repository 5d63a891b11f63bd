#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace erawise::util {

/// The finaliser of splitmix64: every bit of the input changes half of the bits.
constexpr std::uint64_t mixed(std::uint64_t value) noexcept {
    value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31);
}

/// Calls `body` with the bytes of an id as 64-bit words, the last one filled up with zeros.
template <typename Body>
void for_each_word(std::string_view id, Body&& body) {
    for (std::size_t at = 0; at < id.size(); at += sizeof(std::uint64_t)) {
        const std::string_view piece = id.substr(at, sizeof(std::uint64_t));
        std::uint64_t word = 0;
        std::memcpy(&word, piece.data(), piece.size());
        body(word);
    }
}

/// 64 bits of which half change with every bit of the id. Not against forgery.
inline std::uint64_t id_hash(std::string_view id) noexcept {
    std::uint64_t hash = id.size() * 0x9e3779b97f4a7c15U;
    for_each_word(id, [&](std::uint64_t word) { hash = mixed(hash ^ word); });
    return hash;
}

}  // namespace erawise::util
