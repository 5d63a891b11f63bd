#include "util/exit_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <string_view>

namespace erawise {
namespace {

struct Meaning {
    int code;
    std::string_view text;
    std::string_view remedy;
};

constexpr std::array kMeanings = {
    Meaning{0, "done", ""},
    Meaning{1, "a bug in erawise: please report it with the log",
            "Please report it, with the log of the run and the output of erawise --version."},
    Meaning{2, "usage or configuration: nothing was touched",
            "Mend what the message names and run again. erawise COMMAND --help lists the flags, "
            "--print-config shows every setting and where it comes from."},
    Meaning{
        3, "data: wrong schema, truncated or corrupt",
        "Mend what the message names, or download the data again; erawise inspect shows what is "
        "in a file."},
    Meaning{4, "model: unreadable, or it does not fit the data",
            "Save the model again as .ubj with the feature names of this data version; "
            "erawise inspect --model FILE shows what is in it."},
    Meaning{5, "local disk: missing, unwritable or full",
            "Make the folder writable for the user of the container, or make room, and run again."},
    Meaning{10, "network: gave up within the time budget; running again helps",
            "Run again: downloads go on where they were cut off, and nothing is sent twice."},
    Meaning{11, "rejected by Numerai: key, scope, closed round, invalid file",
            "Mend what Numerai names. erawise doctor checks key, scopes, models and round."},
    Meaning{12, "memory: the cap cannot be met; the message says which cap would do",
            "Give the run the limit that the message names, or use fewer models at a time."},
    Meaning{130, "cancelled by SIGINT; no half-written file is left",
            "Run again when it suits: a run goes on where this one stopped."},
    Meaning{143, "cancelled by SIGTERM; no half-written file is left",
            "Run again when it suits: a run goes on where this one stopped."},
};

const Meaning* find_meaning(int code) noexcept {
    const auto* const found = std::ranges::find(kMeanings, code, &Meaning::code);
    return found != kMeanings.end() ? found : nullptr;
}

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

std::string exit_code_table() {
    std::string table;
    for (const Meaning& meaning : kMeanings) {
        table += fmt::format("  {:>3}  {}\n", meaning.code, meaning.text);
    }
    return table;
}

std::string_view exit_code_meaning(int code) noexcept {
    const Meaning* const meaning = find_meaning(code);
    return meaning != nullptr ? meaning->text : "unknown";
}

std::string_view exit_code_remedy(int code) noexcept {
    const Meaning* const meaning = find_meaning(code);
    return meaning != nullptr ? meaning->remedy : "";
}

}  // namespace erawise
