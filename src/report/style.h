#pragma once

#include <string_view>

namespace erawise {

/// The style sheet of the page of a run: light and dark, phone and desktop, and on paper.
std::string_view report_style();

}  // namespace erawise
