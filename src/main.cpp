#include <fmt/chrono.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <span>
#include <string_view>

#include "cli/command_line.h"
#include "cli/version.h"
#include "commands/commands.h"
#include "commands/foreseen_faults.h"
#include "report/metrics.h"
#include "report/page.h"
#include "report/run_files.h"
#include "report/run_report.h"
#include "util/allocator.h"
#include "util/byte_size.h"
#include "util/error.h"
#include "util/exit_code.h"
#include "util/log.h"
#include "util/memory_limit.h"
#include "util/printable.h"
#include "util/process_secrecy.h"
#include "util/stop_signal.h"
#include "util/vector_target.h"

namespace {

using namespace erawise;

void note_start(RunReport& report, const CommandLine& line) {
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    report.command = name_of(line.command);
    report.version = version();
    report.started_at = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", now);
    report.started_unix_seconds = now.time_since_epoch().count();
    if (!line.config.report_html.empty()) {
        report.timeline.watch_memory();
    }
}

using CommandFunction = void (*)(const Config&, RunReport&, const util::StopSignal&);

CommandFunction command_function(Command command) {
    switch (command) {
        case Command::run:
            return commands::run;
        case Command::predict:
            return commands::predict;
        case Command::backtest:
            return commands::backtest;
        case Command::score:
            return commands::score;
        case Command::download:
            return commands::download;
        case Command::submit:
            return commands::submit;
        case Command::inspect:
            return commands::inspect;
        case Command::doctor:
            return commands::doctor;
        case Command::diagnose:
            return commands::diagnose;
    }
    throw util::Error(util::ErrorKind::bug, "a command without a function");
}

void execute(const CommandLine& line, RunReport& report, const util::StopSignal& stop) {
    if (!util::use_vector_target(line.config.vector_target)) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("ERAWISE_TARGET is '{}'; this machine has {}",
                                      line.config.vector_target, util::vector_target_names()));
    }
    command_function(line.command)(line.config, report, stop);
}

/// Runs the command; every error ends here, as an exit code and a line in the log.
int execute_to_exit_code(const CommandLine& line, RunReport& report, const util::StopSignal& stop) {
    try {
        execute(line, report, stop);
        return kExitDone;
    } catch (const util::Error& error) {
        spdlog::error("{}", error.what());
        report.error = error.what();
        return exit_code_for(error.kind(), stop.signal());
    } catch (const std::bad_alloc&) {
        report.error = "no memory left, though the memory plan had room; please report this";
        spdlog::error("{}", report.error);
        return exit_code_for(util::ErrorKind::memory);
    } catch (const std::exception& error) {
        report.error = fmt::format("unexpected: {}; please report this", error.what());
        spdlog::error("{}", report.error);
        return exit_code_for(util::ErrorKind::bug);
    }
}

void note_memory(RunReport& report, const std::optional<util::MemoryCap>& cap) {
    // The kernel counts in batches: what it says at the end may be a little less than before.
    report.peak_rss_bytes = std::max(util::peak_rss_bytes(), report.timeline.largest_sample());
    report.cgroup_peak_bytes = util::container_memory_peak();
    if (cap) {
        report.memory_limit_bytes = cap->bytes;
        report.memory_limit_source = cap->source;
    }
}

/// The last line of every run.
void log_peak(const RunReport& report) {
    std::string text = fmt::format("peak RSS {}", util::format_byte_size(report.peak_rss_bytes));
    if (report.memory_limit_bytes) {
        text +=
            fmt::format(" of {} ({:.0f} %)", util::format_byte_size(*report.memory_limit_bytes),
                        100.0 * double(report.peak_rss_bytes) / double(*report.memory_limit_bytes));
    } else {
        text += ", no cap";
    }
    if (report.cgroup_peak_bytes) {
        text += fmt::format("; control group's peak with page cache {}",
                            util::format_byte_size(*report.cgroup_peak_bytes));
    }
    spdlog::info("{} exit {} after {:.2f} s; {}", report.command, report.exit_code,
                 report.wall_seconds, text);
}

int run_command(const CommandLine& line) {
    const auto start = std::chrono::steady_clock::now();
    util::configure_log(line.config.log.format, line.config.log.level);
    RunReport report;
    note_start(report, line);
    util::StopSignal stop;
    stop.install();
    if (!line.config.numerai.secret_key.empty()) {
        util::protect_process_memory();
    }

    report.exit_code = execute_to_exit_code(line, report, stop);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    report.wall_seconds = seconds.count();
    attempt(report, "memory", [&] { note_memory(report, effective_memory_cap(line.config)); });
    write_run_files({{"report", line.config.report, write_report},
                     {"report page", line.config.report_html, write_report_page},
                     {"metrics", line.config.metrics, write_metrics}},
                    report);
    log_peak(report);
    return report.exit_code;
}

}  // namespace

int main(int argc, char** argv) {
    util::set_allocator_policy(util::AllocatorPolicy::give_back);
    try {
        const std::span<const char* const> arguments(argv, static_cast<std::size_t>(argc));
        const bool asks_version = std::ranges::contains(arguments, std::string_view("--version"));
        const CommandLine line = parse_command_line(arguments, current_environment(),
                                                    asks_version ? version_text() : version());
        if (line.checks_submissions) {
            check_submissions(line.config);
        }
        if (line.answer) {
            std::fputs(line.answer->text.c_str(), line.answer->exit_code == 0 ? stdout : stderr);
            return line.answer->exit_code;
        }
        return run_command(line);
    } catch (const util::Error& error) {
        std::fprintf(stderr, "erawise: %s\n",
                     util::printable(error.what(), util::LineBreaks::keep).c_str());
        return exit_code_for(error.kind());
    } catch (const std::exception& error) {
        std::fprintf(stderr, "erawise: unexpected: %s\n", error.what());
        return exit_code_for(util::ErrorKind::bug);
    }
}
