#include "commands/findings.h"

#include <fmt/format.h>

#include "util/severity.h"

namespace erawise {

void Findings::line(std::string_view state, std::string_view subject, std::string_view text) {
    text_ += fmt::format("{:<8} {:<14} {}\n", state, subject, text);
}

void Findings::ok(std::string_view subject, std::string_view text) {
    line("ok", subject, text);
}

void Findings::note(std::string_view subject, std::string_view text) {
    line("note", subject, text);
}

void Findings::problem(std::string_view subject, const util::Error& error) {
    line("problem", subject, error.what());
    util::Error in_context = error;
    in_context.add_context(subject);
    util::keep_worst(worst_, in_context);
}

}  // namespace erawise
