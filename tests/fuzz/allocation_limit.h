#pragma once

#include <cstddef>
#include <cstdint>

namespace erawise::fuzz {

/// While it lives, all that the program has from malloc(), operator new and their kin, in whatever
/// thread or library, may not grow by more than a number of bytes: who asks for more has the
/// program say so and abort, before a byte of it is touched. A fuzzer, or the corpus runner, then
/// has its crash and the input that led to it.
///
/// The bytes are counted by the program's own malloc(), or by the sanitizer's hooks where that has
/// one: libFuzzer's -malloc_limit_mb works with a sanitizer only, and knows a single limit for a
/// whole run. One at a time.
class AllocationLimit {
  public:
    explicit AllocationLimit(std::uint64_t bytes);
    ~AllocationLimit();
    AllocationLimit(const AllocationLimit&) = delete;
    AllocationLimit& operator=(const AllocationLimit&) = delete;

    /// Another limit, from the same beginning: what a parser may take is known better later on.
    void set(std::uint64_t bytes) noexcept;

    /// Bytes that are there now and were not at the beginning.
    [[nodiscard]] std::uint64_t used() const noexcept;

  private:
    std::int64_t begin_;
};

}  // namespace erawise::fuzz
