#include "decode/parquet/plane_kernels.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace erawise::decode {
namespace {

using Word = std::uint64_t;

constexpr std::size_t kWordBits = 64;

/// Which bits of word `word` of a group belong to plane `plane`: 64 values of `width` bits are
/// `width` words, and bit b of the group is bit b % width of its value.
consteval Word group_mask(unsigned width, unsigned word, unsigned plane) {
    Word mask = 0;
    for (unsigned bit = 0; bit < kWordBits; ++bit) {
        mask |= Word{(word * kWordBits + bit) % width == plane ? 1u : 0u} << bit;
    }
    return mask;
}

/// Compressing the bits under a constant mask in six steps (Hacker's Delight, 7-4): what moves in
/// each step.
struct Moves {
    std::array<Word, 6> step;
    Word mask;
};
constexpr Moves moves_for(Word mask) {
    Moves moves{{}, mask};
    Word zeros_below = ~mask << 1;
    for (unsigned i = 0; i < 6; ++i) {
        Word parity = zeros_below;
        for (unsigned shift = 1; shift < kWordBits; shift *= 2) {
            parity ^= parity << shift;
        }
        moves.step[i] = parity & mask;
        mask = (mask ^ moves.step[i]) | (moves.step[i] >> (1u << i));
        zeros_below &= ~parity;
    }
    return moves;
}

template <unsigned Width, unsigned WordIndex, unsigned Plane>
constexpr Moves kMoves = moves_for(group_mask(Width, WordIndex, Plane));

/// Calls `body` with the constants 0 to N - 1.
template <unsigned N, typename Body>
[[gnu::always_inline]] inline void unrolled(Body&& body) {
    [&]<std::size_t... I>(std::index_sequence<I...>) {
        (body.template operator()<unsigned{I}>(), ...);
    }(std::make_index_sequence<N>());
}

struct PortableBits {
    template <unsigned Width, unsigned WordIndex, unsigned Plane>
    [[gnu::always_inline]] static Word extract(Word word) noexcept {
        constexpr const Moves& moves = kMoves<Width, WordIndex, Plane>;
        word &= moves.mask;
        for (unsigned i = 0; i < 6; ++i) {
            const Word moving = word & moves.step[i];
            word = (word ^ moving) | (moving >> (1u << i));
        }
        return word;
    }
    static Word deposit(Word bits, Word mask) noexcept {
        Word result = 0;
        while (mask != 0) {
            const Word lowest = mask & (~mask + 1);
            result |= (bits & 1) != 0 ? lowest : 0;
            bits >>= 1;
            mask ^= lowest;
        }
        return result;
    }
};

/// 64 values from the bytes at `source` into one word per plane.
template <typename Bits, unsigned Width>
[[gnu::always_inline]] inline void split_group(const char* source,
                                               std::array<Word, Width>& out) noexcept {
    std::array<Word, Width> group;
    std::memcpy(group.data(), source, sizeof group);
    unrolled<Width>([&]<unsigned Plane>() {
        Word result = 0;
        unrolled<Width>([&]<unsigned Index>() {
            // Values whose bit lies in the words before this one.
            constexpr unsigned kBefore = (Index * kWordBits - Plane + Width - 1) / Width;
            constexpr unsigned kShift = Index == 0 ? 0 : kBefore;
            result |= Bits::template extract<Width, Index, Plane>(group[Index]) << kShift;
        });
        out[Plane] = result;
    });
}

template <typename Bits, unsigned Width>
[[gnu::always_inline]] inline void unpack_width(const char* run, std::size_t first,
                                                std::size_t count, const Planes& planes,
                                                std::size_t position) noexcept {
    std::array<Word, Width> words;
    const std::size_t shift = position % kWordBits;
    if (first % 8 == 0 && count >= kWordBits) {
        // Whole words: what does not fit into one is carried to the next, nothing is read back.
        std::array<Word, Width> carried;
        for (unsigned plane = 0; plane < Width; ++plane) {
            carried[plane] = planes[plane][position / kWordBits] & ((Word{1} << shift) - 1);
        }
        const char* from = run + first / 8 * Width;
        for (; count >= kWordBits; count -= kWordBits) {
            split_group<Bits, Width>(from, words);
            for (unsigned plane = 0; plane < Width; ++plane) {
                planes[plane][position / kWordBits] = carried[plane] | words[plane] << shift;
                carried[plane] = words[plane] >> 1 >> (kWordBits - 1 - shift);
            }
            from += kWordBits / 8 * Width;
            position += kWordBits;
            first += kWordBits;
        }
        if (shift > 0) {
            for (unsigned plane = 0; plane < Width; ++plane) {
                planes[plane][position / kWordBits] = carried[plane];
            }
        }
    }
    while (count > 0) {
        const std::size_t skip = first % 8;
        split_group<Bits, Width>(run + first / 8 * Width, words);
        const std::size_t here = std::min(count, kWordBits - skip);
        for (unsigned plane = 0; plane < Width; ++plane) {
            put_bits(planes[plane], position, words[plane] >> skip, here);
        }
        first += here;
        position += here;
        count -= here;
    }
}

template <typename Bits>
[[gnu::always_inline]] inline void unpack_any(const char* run, std::size_t first, std::size_t count,
                                              unsigned width, const Planes& planes,
                                              std::size_t position) noexcept {
    switch (width) {
        case 1:
            return unpack_width<Bits, 1>(run, first, count, planes, position);
        case 2:
            return unpack_width<Bits, 2>(run, first, count, planes, position);
        case 3:
            return unpack_width<Bits, 3>(run, first, count, planes, position);
        default:
            return unpack_width<Bits, 4>(run, first, count, planes, position);
    }
}

template <typename Bits>
[[gnu::always_inline]] inline void spread_any(const Word* source, const Word* defined,
                                              std::size_t rows, Word* target) noexcept {
    std::size_t taken = 0;
    for (std::size_t word = 0; word * kWordBits < rows; ++word) {
        const std::size_t shift = taken % kWordBits;
        Word bits = source[taken / kWordBits] >> shift;
        if (shift > 0) {
            bits |= source[taken / kWordBits + 1] << (kWordBits - shift);
        }
        target[word] = Bits::deposit(bits, defined[word]);
        taken += static_cast<std::size_t>(std::popcount(defined[word]));
    }
}

void unpack_portable(const char* run, std::size_t first, std::size_t count, unsigned width,
                     const Planes& planes, std::size_t position) noexcept {
    unpack_any<PortableBits>(run, first, count, width, planes, position);
}
void spread_portable(const Word* source, const Word* defined, std::size_t rows,
                     Word* target) noexcept {
    spread_any<PortableBits>(source, defined, rows, target);
}
constexpr PlaneKernels kPortable = {"portable", unpack_portable, spread_portable};

#if defined(__x86_64__)

/// In assembly, so that only the call decides where these run: functions with a target attribute
/// are not inlined into templates without it.
struct Bmi2Bits {
    template <unsigned Width, unsigned WordIndex, unsigned Plane>
    [[gnu::always_inline]] static Word extract(Word word) noexcept {
        Word result;
        asm("pext %2, %1, %0"
            : "=r"(result)
            : "r"(word), "rm"(group_mask(Width, WordIndex, Plane)));
        return result;
    }
    [[gnu::always_inline]] static Word deposit(Word bits, Word mask) noexcept {
        Word result;
        asm("pdep %2, %1, %0" : "=r"(result) : "r"(bits), "rm"(mask));
        return result;
    }
};

void unpack_bmi2(const char* run, std::size_t first, std::size_t count, unsigned width,
                 const Planes& planes, std::size_t position) noexcept {
    unpack_any<Bmi2Bits>(run, first, count, width, planes, position);
}
void spread_bmi2(const Word* source, const Word* defined, std::size_t rows, Word* target) noexcept {
    spread_any<Bmi2Bits>(source, defined, rows, target);
}

constexpr PlaneKernels kBmi2 = {"BMI2", unpack_bmi2, spread_bmi2};

/// AMD before family 19h (Zen 3) has pext in microcode: hundreds of cycles.
bool has_slow_pext() {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    if (__get_cpuid(0, &eax, &ebx, &ecx, &edx) == 0 || ebx != signature_AMD_ebx) {
        return false;
    }
    __get_cpuid(1, &eax, &ebx, &ecx, &edx);
    const unsigned family = ((eax >> 8) & 0xF) + ((eax >> 20) & 0xFF);
    return family < 0x19;
}

constexpr std::array<const PlaneKernels*, 2> kAll = {&kPortable, &kBmi2};
#else
constexpr std::array<const PlaneKernels*, 1> kAll = {&kPortable};
#endif

}  // namespace

const PlaneKernels& plane_kernels() noexcept {
#if defined(__x86_64__)
    static const bool has_pext = __builtin_cpu_supports("bmi2") != 0 && !has_slow_pext();
    return has_pext ? kBmi2 : kPortable;
#else
    return kPortable;
#endif
}

std::span<const PlaneKernels* const> all_plane_kernels() noexcept {
#if defined(__x86_64__)
    return std::span(kAll).first(__builtin_cpu_supports("bmi2") != 0 ? 2 : 1);
#else
    return kAll;
#endif
}

void fill_bits(std::uint64_t* plane, std::size_t position, bool bit, std::size_t count) noexcept {
    const Word word = bit ? ~Word{0} : 0;
    const std::size_t head = std::min(count, (kWordBits - position % kWordBits) % kWordBits);
    if (head > 0) {
        put_bits(plane, position, word, head);
        position += head;
        count -= head;
    }
    std::fill_n(plane + position / kWordBits, (count + kWordBits - 1) / kWordBits, word);
}

void copy_bits(const std::uint64_t* source, std::size_t from, std::uint64_t* target,
               std::size_t position, std::size_t count) noexcept {
    source += from / kWordBits;
    const std::size_t shift = from % kWordBits;
    if (shift == 0 && position % kWordBits == 0) {
        std::memcpy(target + position / kWordBits, source,
                    (count + kWordBits - 1) / kWordBits * sizeof(Word));
        return;
    }
    if (position % kWordBits == 0) {
        Word* const words = target + position / kWordBits;
        for (std::size_t i = 0; i * kWordBits < count; ++i) {
            words[i] = (source[i] >> shift) | (source[i + 1] << 1 << (kWordBits - 1 - shift));
        }
        return;
    }
    for (std::size_t i = 0; i * kWordBits < count; ++i) {
        const Word word = (source[i] >> shift) | (source[i + 1] << 1 << (kWordBits - 1 - shift));
        put_bits(target, position + i * kWordBits, word,
                 std::min(kWordBits, count - i * kWordBits));
    }
}

std::size_t count_ones(const std::uint64_t* bits, std::size_t count) noexcept {
    std::size_t ones = 0;
    for (std::size_t word = 0; word < count / kWordBits; ++word) {
        ones += static_cast<std::size_t>(std::popcount(bits[word]));
    }
    if (count % kWordBits > 0) {
        const Word tail = bits[count / kWordBits] << (kWordBits - count % kWordBits);
        ones += static_cast<std::size_t>(std::popcount(tail));
    }
    return ones;
}

}  // namespace erawise::decode
