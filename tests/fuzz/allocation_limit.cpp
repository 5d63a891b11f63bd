#include "fuzz/allocation_limit.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <string_view>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ERAWISE_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define ERAWISE_HAS_SANITIZER 1
#endif
#endif

namespace {

/// Constant-initialised: malloc() is called before any constructor.
constinit std::atomic<std::int64_t> live_bytes = 0;
constinit std::atomic<std::int64_t> most_bytes = INT64_MAX;

/// Nothing here may allocate.
void say(std::string_view text) {
    static_cast<void>(!write(STDERR_FILENO, text.data(), text.size()));
}

void say(std::int64_t number) {
    char digits[24];
    char* at = digits + sizeof digits;
    do {
        *--at = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say({at, static_cast<std::size_t>(digits + sizeof digits - at)});
}

/// Before `bytes` are handed out.
void require_room(std::size_t bytes) {
    const std::int64_t live = live_bytes.load(std::memory_order_relaxed);
    const std::int64_t most = most_bytes.load(std::memory_order_relaxed);
    if (most == INT64_MAX || (live <= most && bytes <= static_cast<std::uint64_t>(most - live))) {
        return;
    }
    most_bytes = INT64_MAX;  // whatever is done about the abort may allocate
    say("ALLOCATION LIMIT: ");
    say(static_cast<std::int64_t>(std::min<std::uint64_t>(bytes, INT64_MAX)));
    say(" bytes are asked for, ");
    say(std::max<std::int64_t>(most - live, 0));
    say(" are left\n");
    std::abort();
}

}  // namespace

#ifdef ERAWISE_HAS_SANITIZER

extern "C" {
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                  std::size_t),
                                              void (*free_hook)(const volatile void*));
std::size_t __sanitizer_get_allocated_size(const volatile void* memory);
}

namespace {

/// The sanitizer has set the bytes aside by then, but nobody has touched them.
void on_malloc(const volatile void*, std::size_t bytes) {
    require_room(bytes);
    live_bytes.fetch_add(static_cast<std::int64_t>(bytes), std::memory_order_relaxed);
}

void on_free(const volatile void* memory) {
    if (memory != nullptr) {
        live_bytes.fetch_sub(static_cast<std::int64_t>(__sanitizer_get_allocated_size(memory)),
                             std::memory_order_relaxed);
    }
}

const int installed = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);

}  // namespace

#else

// https://www.gnu.org/software/libc/manual/html_node/Replacing-malloc.html: operator new of
// libstdc++ and all libraries come here. glibc has its own functions under these names, too.
extern "C" {
void* __libc_malloc(std::size_t bytes);
void* __libc_calloc(std::size_t count, std::size_t bytes);
void* __libc_realloc(void* memory, std::size_t bytes);
void* __libc_memalign(std::size_t alignment, std::size_t bytes);
void __libc_free(void* memory);
}

namespace {

std::int64_t size_of(void* memory) {
    return memory == nullptr ? 0 : static_cast<std::int64_t>(malloc_usable_size(memory));
}

void* counted(void* memory) {
    live_bytes.fetch_add(size_of(memory), std::memory_order_relaxed);
    return memory;
}

}  // namespace

extern "C" {

void* malloc(std::size_t bytes) {
    require_room(bytes);
    return counted(__libc_malloc(bytes));
}

void* calloc(std::size_t count, std::size_t bytes) {
    std::size_t all = 0;
    require_room(__builtin_mul_overflow(count, bytes, &all) ? SIZE_MAX : all);
    return counted(__libc_calloc(count, bytes));
}

void* realloc(void* memory, std::size_t bytes) {
    const std::int64_t before = size_of(memory);
    require_room(bytes - std::min(bytes, static_cast<std::size_t>(before)));
    void* const larger = __libc_realloc(memory, bytes);
    if (larger != nullptr || bytes == 0) {
        live_bytes.fetch_sub(before, std::memory_order_relaxed);
    }
    return counted(larger);
}

void* memalign(std::size_t alignment, std::size_t bytes) {
    require_room(bytes);
    return counted(__libc_memalign(alignment, bytes));
}

void* aligned_alloc(std::size_t alignment, std::size_t bytes) {
    return memalign(alignment, bytes);
}

int posix_memalign(void** memory, std::size_t alignment, std::size_t bytes) {
    *memory = memalign(alignment, bytes);
    return *memory == nullptr ? ENOMEM : 0;
}

void free(void* memory) {
    live_bytes.fetch_sub(size_of(memory), std::memory_order_relaxed);
    __libc_free(memory);
}

}  // extern "C"

#endif

namespace erawise::fuzz {

AllocationLimit::AllocationLimit(std::uint64_t bytes)
    : begin_(live_bytes.load(std::memory_order_relaxed)) {
    set(bytes);
}

AllocationLimit::~AllocationLimit() {
    most_bytes = INT64_MAX;
}

void AllocationLimit::set(std::uint64_t bytes) noexcept {
    constexpr std::uint64_t kMost = std::uint64_t{1} << 60;
    most_bytes = begin_ + static_cast<std::int64_t>(std::min(bytes, kMost));
}

std::uint64_t AllocationLimit::used() const noexcept {
    const std::int64_t more = live_bytes.load(std::memory_order_relaxed) - begin_;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(more, 0));
}

}  // namespace erawise::fuzz
