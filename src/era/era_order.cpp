#include "era/era_order.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "util/error.h"

namespace erawise::era {

void EraTracker::begin(std::string_view label, std::uint64_t line, std::string_view source) {
    const auto [entry, is_new] = first_line_.try_emplace(std::string(label), line);
    if (is_new) {
        return;
    }
    const std::string message =
        fmt::format("{}: era '{}' starts at line {} and comes back at line {}", source, label,
                    entry->second, line);
    if (order_ == EraOrder::grouped) {
        throw util::Error(util::ErrorKind::data,
                          message +
                              "; the transform works on whole eras: sort the file by era, or use "
                              "--transform none");
    }
    if (!warned_) {
        spdlog::warn("{}; each row is predicted on its own, so the result is right", message);
        warned_ = true;
    }
}

}  // namespace erawise::era
