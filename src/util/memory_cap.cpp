#include "util/memory_cap.h"

#include <fmt/format.h>

#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise::util {
namespace {

constexpr double kShareOfContainer = 0.9;

}  // namespace

std::optional<MemoryCap> memory_cap(std::optional<std::uint64_t> configured,
                                    const std::string& configured_origin) {
    std::optional<MemoryCap> cap;
    if (const auto container = container_memory_limit()) {
        cap = MemoryCap{static_cast<std::uint64_t>(kShareOfContainer * double(container->bytes)),
                        fmt::format("{} x {} of {}", kShareOfContainer,
                                    format_byte_size(container->bytes), container->source),
                        kShareOfContainer};
    }
    if (configured && (!cap || *configured < cap->bytes)) {
        cap = MemoryCap{*configured, configured_origin, 1};
    }
    return cap;
}

}  // namespace erawise::util
