#include "report/style.h"

namespace erawise {
namespace {

// C++26, which g++ has since version 15.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wc++26-extensions"
constexpr char kStyle[] = {
#embed "style.css"
};
#pragma GCC diagnostic pop

}  // namespace

std::string_view report_style() {
    return {kStyle, sizeof kStyle};
}

}  // namespace erawise
