#include "commands/doctor.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "acquire/round_data.h"
#include "commands/network.h"
#include "commands/pipeline.h"
#include "commands/submission_tasks.h"
#include "submit/key_check.h"
#include "submit/model_name.h"
#include "transport/presigned_url.h"
#include "transport/timestamp.h"
#include "util/byte_size.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

namespace fs = std::filesystem;
using transport::format_duration;
using transport::format_iso_time;
using util::Error;
using util::ErrorKind;

/// A live file and some submissions: less than this gets tight.
constexpr std::uint64_t kLittleSpace = 100 * util::kMiB;

/// Somebody waits in front of the terminal.
constexpr std::chrono::seconds kPatience{10};

class Doctor {
  public:
    Doctor(const Config& config, const util::StopSignal& stop)
        : config_(config), network_(with_little_patience(config), stop) {}

    Diagnosis run() {
        examine("models", [&] { look_at_models(); });
        examine("data folder", [&] { look_at_folder("data folder", config_.data.directory); });
        examine("output folder",
                [&] { look_at_folder("output folder", effective_output_directory(config_)); });
        examine("memory", [&] { look_at_memory(); });
        const bool reached = examine("round", [&] { look_at_round(); });
        if (reached) {
            examine("clock", [&] { look_at_clock(); });
            examine("API", [&] { look_at_api(); });
            examine("data", [&] { look_at_data(); });
            examine("key", [&] { look_at_key(); });
        }
        return std::move(diagnosis_);
    }

  private:
    static Config with_little_patience(Config config) {
        config.retry.budget = std::min<std::chrono::milliseconds>(config.retry.budget, kPatience);
        return config;
    }

    void line(const char* state, std::string_view subject, std::string_view text) {
        diagnosis_.text += fmt::format("{:<8} {:<14} {}\n", state, subject, text);
    }
    void ok(std::string_view subject, std::string_view text) { line("ok", subject, text); }
    void note(std::string_view subject, std::string_view text) { line("note", subject, text); }
    void problem(std::string_view subject, const Error& error) {
        line("problem", subject, error.what());
        if (!diagnosis_.worst || severity(error.kind()) > severity(diagnosis_.worst->kind())) {
            diagnosis_.worst = error;
            diagnosis_.worst->add_context(subject);
        }
    }

    /// Runs a check; its error is a problem. Returns whether it went through.
    template <typename Check>
    bool examine(std::string_view subject, Check&& check) {
        try {
            std::forward<Check>(check)();
            return true;
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) {
                throw;
            }
            problem(subject, error);
            return false;
        }
    }

    void look_at_models();
    void look_at_folder(std::string_view subject, const fs::path& folder);
    void look_at_memory();
    void look_at_round();
    void look_at_clock();
    void look_at_api();
    void tell_drift(const transport::SchemaDrift& drift);
    void look_at_data();
    void look_at_key();
    void look_at_names();

    const Config& config_;
    Network network_;
    std::vector<PredictionTask> tasks_;
    std::optional<transport::Round> round_;
    Diagnosis diagnosis_;
};

void Doctor::look_at_models() {
    tasks_ = submission_tasks(config_);
    for (const PredictionTask& task : tasks_) {
        for (const TaskModel& model : task.models) {
            if (access(model.file.c_str(), R_OK) != 0) {
                throw Error(ErrorKind::model,
                            fmt::format("cannot read {}: {}; make it readable for user {}",
                                        model.file.string(), std::generic_category().message(errno),
                                        getuid()));
            }
        }
    }
    ok("models", fmt::format("{} in {}", tasks_.size(), config_.models_directory.string()));
}

/// The folder may still have to be made: then the nearest one that is there counts.
void Doctor::look_at_folder(std::string_view subject, const fs::path& folder) {
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
        ok(subject, fmt::format("{} is writable", folder.string()));
        return;
    }
    const std::uint64_t free_bytes = std::uint64_t{space.f_bavail} * space.f_frsize;
    if (free_bytes < kLittleSpace) {
        throw Error(
            ErrorKind::disk,
            fmt::format("{} has {} left; free some space, {} at least", folder.string(),
                        util::format_byte_size(free_bytes), util::format_byte_size(kLittleSpace)));
    }
    ok(subject,
       fmt::format("{} is writable, {} free", folder.string(), util::format_byte_size(free_bytes)));
}

void Doctor::look_at_memory() {
    if (const auto cap = configured_memory_cap(config_)) {
        ok("memory", fmt::format("the cap is {} ({}); erawise inspect --data --model tells what a "
                                 "run needs",
                                 util::format_byte_size(cap->bytes), cap->source));
        return;
    }
    note("memory", "no cap: neither --memory-limit nor a container limit");
}

void Doctor::look_at_round() {
    round_ = network_.api.current_round();
    const auto now = network_.api.server_now();
    if (round_ && round_->is_open_at(now)) {
        ok("round",
           fmt::format("{} is open{}", round_->number,
                       round_->close_staking_time
                           ? fmt::format(" for {} (until {})",
                                         format_duration(*round_->close_staking_time - now),
                                         format_iso_time(*round_->close_staking_time))
                           : ""));
    } else if (round_ && round_->is_late_at(now)) {
        note("round", fmt::format("{} takes late submissions only (--late allow)", round_->number));
    } else {
        note("round", "none is open now; run waits for one (--wait)");
    }
}

void Doctor::look_at_clock() {
    const auto offset = network_.api.clock_offset();
    if (offset == std::chrono::milliseconds(0)) {
        ok("clock", "agrees with Numerai's");
        return;
    }
    const bool behind = offset > std::chrono::milliseconds(0);
    note("clock",
         fmt::format("{} {} Numerai's, which is used in its place; set this machine's "
                     "clock (NTP)",
                     format_duration(behind ? offset : -offset), behind ? "behind" : "ahead of"));
}

/// A server may change what it knows at any time: here before a round depends on it.
void Doctor::look_at_api() {
    const auto operations = network_.api.examine_schema();
    const auto is_well = [](const transport::SchemaDrift& drift) {
        return drift.is_known && drift.left_out.empty() && drift.missing.empty() &&
               drift.refusal.empty();
    };
    if (std::ranges::all_of(operations, is_well)) {
        ok("API", fmt::format("Numerai takes all {} questions of this version as they are",
                              operations.size()));
        return;
    }
    for (const transport::SchemaDrift& drift : operations) {
        tell_drift(drift);
    }
}

void Doctor::tell_drift(const transport::SchemaDrift& drift) {
    if (!drift.left_out.empty()) {
        note("API", fmt::format("Numerai does not know {} any more: commands go on without; look "
                                "for a newer version of erawise",
                                fmt::join(drift.left_out, ", ")));
    }
    const bool works = drift.missing.empty() && drift.refusal.empty();
    if (works && !drift.is_known) {
        note("API", fmt::format("Numerai does not tell whether it knows {}", drift.operation));
    }
    if (works) {
        return;
    }
    const std::string what =
        drift.missing.empty()
            ? fmt::format("Numerai refuses {} ({})", drift.operation, drift.refusal)
            : fmt::format("Numerai does not know {} any more ({})", drift.missing, drift.refusal);
    const bool is_for_run = drift.needed_by == transport::NeededBy::run;
    if (is_for_run && drift.is_known) {
        problem("API", Error(ErrorKind::rejected,
                             fmt::format("{}, and a run needs it: {}", what, drift.remedy)));
        return;
    }
    const bool is_for_diagnose = drift.needed_by == transport::NeededBy::diagnose;
    note("API", fmt::format("{}{}", what,
                            is_for_diagnose ? ", and erawise diagnose needs it"
                            : is_for_run    ? ""
                                            : ": commands go on without"));
}

void Doctor::look_at_data() {
    const std::string file = config_.data.version + "/" + config_.data.file;
    const auto names = network_.api.list_datasets();
    if (names && !std::ranges::contains(*names, file)) {
        throw Error(ErrorKind::rejected,
                    fmt::format("Numerai does not list {}; set data.version and data.file to one "
                                "of: {}",
                                file, fmt::join(*names, ", ")));
    }
    const auto url = round_ ? network_.api.dataset_url(file) : std::nullopt;
    if (!url) {
        names ? ok("data", fmt::format("{} is listed", file))
              : note("data", fmt::format("Numerai does not tell whether there is {}", file));
        return;
    }
    const std::string key = transport::object_key_of(*url);
    const std::string why = acquire::not_of_round(key, file, *round_);
    why.empty() ? ok("data", fmt::format("{} is there ({})", file, key)) : note("data", why);
}

void Doctor::look_at_key() {
    if (!network_.api.has_credentials()) {
        throw Error(ErrorKind::usage,
                    "no key pair: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, or the same with "
                    "_FILE; keys are made at https://numer.ai/account");
    }
    const bool by_name = config_.numerai.model_id.empty();
    const submit::KeyCheck key = submit::check_key(
        network_.api, by_name ? submit::ModelLookUp::by_name : submit::ModelLookUp::by_id);
    if (!key.known) {
        note("key", "Numerai does not tell what it may do");
    } else {
        ok("key", fmt::format("'{}' of the account {}", key.key_name, key.account));
        examine("scopes", [&] {
            submit::require_scopes(key);
            key.unneeded.empty()
                ? ok("scopes", fmt::format("{}", fmt::join(key.scopes, ", ")))
                : note("scopes", fmt::format("{} is missing: submissions cannot be verified",
                                             fmt::join(key.unneeded, ", ")));
        });
    }
    if (by_name) {
        examine("names", [&] { look_at_names(); });
    } else {
        ok("names", fmt::format("MODEL_ID is {}", config_.numerai.model_id));
    }
}

void Doctor::look_at_names() {
    const auto models = network_.api.models();
    for (const PredictionTask& task : tasks_) {
        examine("names", [&] {
            const std::string id = submit::model_id_of(models, task.name);
            ok("names", fmt::format("{} is {}", task.name, id));
        });
    }
}

}  // namespace

Diagnosis diagnose(const Config& config, const util::StopSignal& stop) {
    return Doctor(config, stop).run();
}

}  // namespace erawise
