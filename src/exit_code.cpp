#include "exit_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

namespace erawise {
namespace {

struct Meaning {
    std::string_view code;
    std::string_view text;
};

constexpr std::array kMeanings = {
    Meaning{"0", "done"},
    Meaning{"1", "a bug in erawise: please report it with the log"},
    Meaning{"2", "usage or configuration: nothing was touched"},
    Meaning{"3", "data: wrong schema, truncated or corrupt"},
    Meaning{"4", "model: unreadable, or it does not fit the data"},
    Meaning{"5", "local disk: missing, unwritable or full"},
    Meaning{"10", "network: gave up within the time budget; running again helps"},
    Meaning{"11", "rejected by Numerai: key, scope, closed round, invalid file"},
    Meaning{"12", "memory: the cap cannot be met; the message says which cap would do"},
    Meaning{"130", "cancelled by SIGINT; no half-written file is left"},
    Meaning{"143", "cancelled by SIGTERM; no half-written file is left"},
};

}  // namespace

int exit_code_for(util::ErrorKind kind, int signal) noexcept {
    switch (kind) {
        case util::ErrorKind::bug:
            return 1;
        case util::ErrorKind::usage:
            return 2;
        case util::ErrorKind::data:
            return 3;
        case util::ErrorKind::model:
            return 4;
        case util::ErrorKind::disk:
            return 5;
        case util::ErrorKind::network:
            return 10;
        case util::ErrorKind::rejected:
            return 11;
        case util::ErrorKind::memory:
            return 12;
        case util::ErrorKind::cancelled:
            return 128 + (signal != 0 ? signal : SIGTERM);
    }
    return 1;
}

int severity(util::ErrorKind kind) noexcept {
    constexpr std::array kRising = {
        util::ErrorKind::network,  util::ErrorKind::data, util::ErrorKind::model,
        util::ErrorKind::rejected, util::ErrorKind::disk, util::ErrorKind::memory,
        util::ErrorKind::usage,    util::ErrorKind::bug,  util::ErrorKind::cancelled};
    return static_cast<int>(std::ranges::find(kRising, kind) - kRising.begin());
}

std::string exit_code_table() {
    std::string table;
    for (const Meaning& meaning : kMeanings) {
        table += fmt::format("  {:>3}  {}\n", meaning.code, meaning.text);
    }
    return table;
}

}  // namespace erawise
