#include "commands/machine_checks.h"

#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

#include "commands/foreseen_faults.h"
#include "commands/submission_tasks.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise {
namespace {

namespace fs = std::filesystem;
using util::Error;
using util::ErrorKind;

/// A live file and some submissions: less than this gets tight.
constexpr std::uint64_t kLittleSpace = 100 * util::kMiB;

Error of_submission(const PredictionTask& task, Error error) {
    error.add_context(task.name);
    return error;
}

}  // namespace

std::vector<PredictionTask> look_at_models(const Config& config, Findings& findings) {
    std::vector<PredictionTask> tasks = submission_tasks(config);
    for (const PredictionTask& task : tasks) {
        for (const ForeseenFault& fault : foreseen_faults(config, task)) {
            findings.problem("submissions", of_submission(task, fault.error));
        }
    }
    for (const PredictionTask& task : tasks) {
        for (const TaskModel& model : task.models) {
            if (access(model.file.c_str(), R_OK) != 0) {
                throw Error(ErrorKind::model,
                            fmt::format("cannot read {}: {}; make it readable for user {}",
                                        model.file.string(), std::generic_category().message(errno),
                                        getuid()));
            }
        }
    }
    findings.ok("models", fmt::format("{} in {}", tasks.size(), config.models_directory.string()));
    return tasks;
}

/// A folder that does not exist yet is made by the run: then the nearest parent that exists has to
/// be writable.
void look_at_folder(std::string_view subject, const fs::path& folder, Findings& findings) {
    fs::path there = fs::absolute(folder);
    std::error_code status;
    while (!fs::exists(there, status) && there.has_relative_path()) {
        there = there.parent_path();
    }
    if (!fs::is_directory(there, status)) {
        throw Error(ErrorKind::disk,
                    fmt::format("{} is no folder; choose another one", there.string()));
    }
    if (access(there.c_str(), W_OK | X_OK) != 0) {
        throw Error(ErrorKind::disk,
                    fmt::format("{} is not writable for user {}: {}; mount a folder that is, or "
                                "choose another one",
                                there.string(), getuid(), std::generic_category().message(errno)));
    }
    struct statvfs space{};
    if (statvfs(there.c_str(), &space) != 0) {
        findings.ok(subject, fmt::format("{} is writable", folder.string()));
        return;
    }
    const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    if (free_bytes < kLittleSpace) {
        throw Error(
            ErrorKind::disk,
            fmt::format("{} has {} left; free some space, {} at least", folder.string(),
                        util::format_byte_size(free_bytes), util::format_byte_size(kLittleSpace)));
    }
    findings.ok(subject, fmt::format("{} is writable, {} free", folder.string(),
                                     util::format_byte_size(free_bytes)));
}

void look_at_memory(const Config& config, Findings& findings) {
    if (const auto cap = effective_memory_cap(config)) {
        findings.ok("memory",
                    fmt::format("the cap is {} ({}); erawise inspect --data --model tells what a "
                                "run needs",
                                util::format_byte_size(cap->bytes), cap->source));
        return;
    }
    findings.note("memory", "no cap: neither --memory-limit nor a container limit");
}

}  // namespace erawise
