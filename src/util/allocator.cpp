#include "util/allocator.h"

#include <malloc.h>

#include <mutex>

namespace erawise::util {
namespace {

constexpr int kArenas = 2;
constexpr int kGivenBackBytes = 128 * 1024;
constexpr int kKeptBytes = 4 * 1024 * 1024;

/// mallopt() can only be told, not asked; so what it was told stands here. It is as global as the
/// allocator itself.
struct State {
    std::mutex mutex;
    AllocatorPolicy policy = AllocatorPolicy::unset;
    AllocatorPolicy before_keeping = AllocatorPolicy::unset;
    unsigned keepers = 0;
};

State& state() {
    static State state;
    return state;
}

/// Blocks of this size are mapped by themselves, and so much may stay free at the heap's end.
void set_thresholds(int bytes) {
    mallopt(M_MMAP_THRESHOLD, bytes);
    mallopt(M_TRIM_THRESHOLD, bytes);
}

void apply(State& state, AllocatorPolicy policy) {
    if (policy == AllocatorPolicy::give_back) {
        mallopt(M_ARENA_MAX, kArenas);
    }
    set_thresholds(policy == AllocatorPolicy::keep_blocks ? kKeptBytes : kGivenBackBytes);
    state.policy = policy;
}

}  // namespace

void set_allocator_policy(AllocatorPolicy policy) {
    const std::lock_guard lock(state().mutex);
    apply(state(), policy);
}

AllocatorPolicy allocator_policy() noexcept {
    const std::lock_guard lock(state().mutex);
    return state().policy;
}

void give_back_freed_memory() noexcept {
    malloc_trim(0);
}

KeepFreedBlocks::KeepFreedBlocks() {
    const std::lock_guard lock(state().mutex);
    if (state().keepers++ == 0) {
        state().before_keeping = state().policy;
        apply(state(), AllocatorPolicy::keep_blocks);
    }
}

KeepFreedBlocks::~KeepFreedBlocks() {
    const std::lock_guard lock(state().mutex);
    if (--state().keepers == 0) {
        apply(state(), state().before_keeping);
        give_back_freed_memory();
    }
}

}  // namespace erawise::util
