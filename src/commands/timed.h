#pragma once

#include <cstddef>
#include <functional>
#include <utility>

#include "report/run_report.h"
#include "util/error.h"

namespace erawise {

/// Runs a stage and notes its wall time in the report.
template <typename Body>
auto timed(RunReport& report, const char* stage, Body&& body) {
    struct AtEnd {
        std::function<void()> note;
        ~AtEnd() { note(); }
    };
    const std::size_t span = report.timeline.begin(stage);
    const AtEnd at_end{[&] { report.stages.emplace_back(stage, report.timeline.end(span)); }};
    return util::with_context(stage, std::forward<Body>(body));
}

}  // namespace erawise
