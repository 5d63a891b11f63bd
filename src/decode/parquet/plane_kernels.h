#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "era/era_batch.h"
#include "era/planes.h"

namespace erawise::decode {

using era::Planes;

/// Loops over bits that depend on the processor. Chosen at run time: pext and pdep where they are
/// fast (Intel, AMD from Zen 3 on), shifts and masks elsewhere.
struct PlaneKernels {
    const char* name;

    /// Splits values [first, first + count) of a bit-packed run into planes, from bit `position`
    /// on. `width` is 1 to 4; up to 40 bytes behind the last value are read.
    void (*unpack)(const char* run, std::size_t first, std::size_t count, unsigned width,
                   const Planes& planes, std::size_t position) noexcept;

    /// Moves bit i of `source` to where the i-th 1 of `defined` is, for `rows` rows; 0 elsewhere.
    void (*spread)(const std::uint64_t* source, const std::uint64_t* defined, std::size_t rows,
                   std::uint64_t* target) noexcept;
};

const PlaneKernels& plane_kernels() noexcept;

/// All that this machine can run, for tests.
std::span<const PlaneKernels* const> all_plane_kernels() noexcept;

/// Writes the low `count` (at most 64) bits of `word` to `plane` from bit `position` on.
inline void put_bits(std::uint64_t* plane, std::size_t position, std::uint64_t word,
                     std::size_t count) noexcept {
    const std::size_t shift = position % 64;
    std::uint64_t* const at = plane + position / 64;
    at[0] = (at[0] & ((std::uint64_t{1} << shift) - 1)) | (word << shift);
    if (shift + count > 64) {
        at[1] = word >> (64 - shift);
    }
}

/// Writes `count` times the same bit.
void fill_bits(std::uint64_t* plane, std::size_t position, bool bit, std::size_t count) noexcept;

/// Copies `count` bits. The ranges must not overlap; the word behind the source's last is read.
void copy_bits(const std::uint64_t* source, std::size_t from, std::uint64_t* target,
               std::size_t position, std::size_t count) noexcept;

/// Number of 1 bits among the first `count`.
std::size_t count_ones(const std::uint64_t* bits, std::size_t count) noexcept;

}  // namespace erawise::decode
