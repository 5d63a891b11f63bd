#include "commands/numerai_checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "acquire/round_data.h"
#include "submit/key_check.h"
#include "submit/model_name.h"
#include "transport/presigned_url.h"
#include "transport/timestamp.h"
#include "util/duration.h"
#include "util/error.h"

namespace erawise {
namespace {

using transport::format_iso_time;
using util::Error;
using util::ErrorKind;
using util::spoken_duration;

}  // namespace

void NumeraiChecks::round() {
    round_ = network_.api.current_round();
    const auto now = network_.api.server_now();
    if (round_ && round_->is_open_at(now)) {
        findings_.ok(
            "round",
            fmt::format("{} is open{}", round_->number,
                        round_->close_staking_time
                            ? fmt::format(" for {} (until {})",
                                          spoken_duration(*round_->close_staking_time - now),
                                          format_iso_time(*round_->close_staking_time))
                            : ""));
    } else if (round_ && round_->is_late_at(now)) {
        findings_.note(
            "round", fmt::format("{} takes late submissions only (--late allow)", round_->number));
    } else {
        findings_.note("round", "none is open now; run waits for one (--wait)");
    }
}

void NumeraiChecks::clock() {
    const auto offset = network_.api.clock_offset();
    if (offset == std::chrono::milliseconds(0)) {
        findings_.ok("clock", "agrees with Numerai's");
        return;
    }
    const bool behind = offset > std::chrono::milliseconds(0);
    findings_.note(
        "clock",
        fmt::format("{} {} Numerai's, which is used in its place; set this machine's "
                    "clock (NTP)",
                    spoken_duration(behind ? offset : -offset), behind ? "behind" : "ahead of"));
}

/// Numerai may change its schema at any time; a run would notice only when its round is open.
void NumeraiChecks::api() {
    const auto operations = network_.api.examine_schema();
    const auto is_well = [](const transport::SchemaDrift& drift) {
        return drift.is_known && drift.left_out.empty() && drift.missing.empty() &&
               drift.refusal.empty();
    };
    if (std::ranges::all_of(operations, is_well)) {
        findings_.ok("API",
                     fmt::format("Numerai takes all {} questions of this version as they are",
                                 operations.size()));
        return;
    }
    for (const transport::SchemaDrift& drift : operations) {
        tell_drift(drift);
    }
}

void NumeraiChecks::tell_drift(const transport::SchemaDrift& drift) {
    if (!drift.left_out.empty()) {
        findings_.note(
            "API", fmt::format("Numerai does not know {} any more: commands go on without; look "
                               "for a newer version of erawise",
                               fmt::join(drift.left_out, ", ")));
    }
    const bool works = drift.missing.empty() && drift.refusal.empty();
    if (works && !drift.is_known) {
        findings_.note("API",
                       fmt::format("Numerai does not tell whether it knows {}", drift.operation));
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
        findings_.problem("API",
                          Error(ErrorKind::rejected,
                                fmt::format("{}, and a run needs it: {}", what, drift.remedy)));
        return;
    }
    const bool is_for_diagnose = drift.needed_by == transport::NeededBy::diagnose;
    findings_.note("API", fmt::format("{}{}", what,
                                      is_for_diagnose ? ", and erawise diagnose needs it"
                                      : is_for_run    ? ""
                                                      : ": commands go on without"));
}

void NumeraiChecks::data() {
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
        names ? findings_.ok("data", fmt::format("{} is listed", file))
              : findings_.note("data",
                               fmt::format("Numerai does not tell whether there is {}", file));
        return;
    }
    const std::string key = transport::object_key_of(*url);
    const std::string why = acquire::not_of_round(key, file, *round_);
    why.empty() ? findings_.ok("data", fmt::format("{} is there ({})", file, key))
                : findings_.note("data", why);
}

void NumeraiChecks::key(const std::vector<PredictionTask>& tasks) {
    if (!network_.api.has_credentials()) {
        throw Error(ErrorKind::usage,
                    "no key pair: set NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, or the same with "
                    "_FILE; keys are made at https://numer.ai/account");
    }
    const bool by_name = config_.numerai.model_id.empty();
    const submit::KeyCheck key = submit::check_key(
        network_.api, by_name ? submit::ModelLookUp::by_name : submit::ModelLookUp::by_id);
    if (!key.known) {
        findings_.note("key", "Numerai does not tell what it may do");
    } else {
        findings_.ok("key", fmt::format("'{}' of the account {}", key.key_name, key.account));
        findings_.examine("scopes", [&] {
            submit::require_scopes(key);
            key.unneeded.empty()
                ? findings_.ok("scopes", fmt::format("{}", fmt::join(key.scopes, ", ")))
                : findings_.note("scopes",
                                 fmt::format("{} is missing: submissions cannot be verified",
                                             fmt::join(key.unneeded, ", ")));
        });
    }
    if (by_name) {
        findings_.examine("names", [&] { names(tasks); });
    } else {
        findings_.ok("names", fmt::format("MODEL_ID is {}", config_.numerai.model_id));
    }
}

void NumeraiChecks::names(const std::vector<PredictionTask>& tasks) {
    const auto models = network_.api.models();
    for (const PredictionTask& task : tasks) {
        findings_.examine("names", [&] {
            const std::string id = submit::model_id_of(models, task.name);
            findings_.ok("names", fmt::format("{} is {}", task.name, id));
        });
    }
}

}  // namespace erawise
