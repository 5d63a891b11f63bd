#include "util/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace erawise::util {
namespace {

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): none is set
    return value != nullptr ? value : "";
}

}  // namespace

Terminal error_terminal() {
    Terminal terminal;
    terminal.is_terminal = isatty(STDERR_FILENO) == 1;
    terminal.has_colors =
        terminal.is_terminal && variable("NO_COLOR").empty() && variable("TERM") != "dumb";
    winsize size{};
    if (terminal.is_terminal && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        terminal.columns = size.ws_col;
    }
    return terminal;
}

}  // namespace erawise::util
