#include "submit/diagnose.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "submit/create_once.h"
#include "submit/model_name.h"
#include "submit/receipt.h"
#include "submit/remote_state.h"
#include "submit/upload.h"
#include "transport/api_error.h"
#include "util/duration.h"
#include "util/error.h"
#include "util/sha256.h"

namespace erawise::submit {
namespace {

using std::chrono::milliseconds;
using transport::Diagnostics;
using transport::NumeraiApi;
using transport::Retrier;
using util::Error;
using util::ErrorKind;
using util::spoken_duration;

/// The run over the uploaded file, if there is one already. A list that Numerai refuses is a
/// warning: then it counts as not there.
std::optional<std::string> find_run(NumeraiApi& api, const std::string& filename,
                                    const std::string& model_id) {
    try {
        const auto runs = api.diagnostics_list(model_id);
        const auto found = std::ranges::find(runs, filename, &Diagnostics::filename);
        return found == runs.end() ? std::nullopt : std::optional(found->id);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::rejected) {
            throw;
        }
        spdlog::warn("cannot find out whether the diagnostics have been created: {}", error.what());
        return std::nullopt;
    }
}

std::string create_run(NumeraiApi& api, Retrier& retrier, const std::string& filename,
                       const std::string& model_id) {
    try {
        std::string id = create_once(
            retrier, {.what = "create the diagnostics",
                      .arrived = "the diagnostics had been created",
                      .create = [&] { return api.create_diagnostics(filename, model_id); },
                      .find = [&] { return find_run(api, filename, model_id); }});
        if (id.empty()) {
            throw Error(ErrorKind::rejected,
                        fmt::format("Numerai began the diagnostics of {}, but does not tell their "
                                    "id: look for them among the model's diagnostics at "
                                    "https://numer.ai",
                                    filename));
        }
        return id;
    } catch (Error& error) {
        if (error.kind() == ErrorKind::network) {
            error.add_context(fmt::format("{}: Numerai may have begun all the same", filename));
        }
        throw;
    }
}

/// "diagnostics ID of the model NAME".
std::string name_of(const DiagnosticsRun& run) {
    return fmt::format("diagnostics {} of the model {}", transport::printable(run.id), run.model);
}

/// Looks again and again.
class Watch {
  public:
    Watch(NumeraiApi& api, const DiagnosticsRun& run) : api_(api), run_(run) {}

    /// The run once it is done. Throws Error(rejected) when it failed.
    std::optional<Diagnostics> look(const std::function<void(const Diagnostics&)>& seen) {
        auto found = util::with_context(name_of(run_),
                                        [&] { return api_.diagnostics(run_.id, run_.model_id); });
        if (!found) {
            status_ = "not listed yet";
            return std::nullopt;
        }
        seen(*found);
        status_ = transport::printable(found->status);
        switch (remote_state(found->status)) {
            case RemoteState::done:
                return found;
            case RemoteState::failed:
                throw Error(ErrorKind::rejected, describe_failure(*found));
            case RemoteState::unknown:
                note_unknown();
                break;
            case RemoteState::pending:
                break;
        }
        return std::nullopt;
    }

    /// As look(); an API that cannot be reached is a warning.
    std::optional<Diagnostics> look_tolerantly(
        const std::function<void(const Diagnostics&)>& seen) {
        try {
            return look(seen);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::network) {
                throw;
            }
            spdlog::warn("{}", error.what());
            status_ = "Numerai cannot be reached";
            return std::nullopt;
        }
    }

    /// What the last look found, for people.
    [[nodiscard]] const std::string& status() const { return status_; }

  private:
    [[nodiscard]] std::string describe_failure(const Diagnostics& found) const {
        const std::string why = found.message.empty() ? std::string("no reason is given")
                                                      : transport::printable(found.message);
        return fmt::format(
            "Numerai's {} ended with the status '{}': {}; the file has to hold predictions for "
            "the validation data, with the ids of today's version",
            name_of(run_), status_, why);
    }

    void note_unknown() {
        if (unknown_.insert(status_).second) {
            spdlog::warn(
                "Numerai's status '{}' is not known to this version: it counts as not yet done",
                status_);
        }
    }

    NumeraiApi& api_;
    const DiagnosticsRun& run_;
    std::string status_;
    std::set<std::string, std::less<>> unknown_;
};

/// At least half of the pause, so that many clients do not come together.
milliseconds jittered(milliseconds pause, const transport::RandomFraction& random) {
    const double fraction = (1 + random()) / 2;
    return milliseconds(
        static_cast<milliseconds::rep>(static_cast<double>(pause.count()) * fraction));
}

}  // namespace

CheckedSubmission check_diagnostics_file(const std::filesystem::path& file) {
    try {
        return check_submission(file);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::rejected) {
            throw;
        }
        throw Error(ErrorKind::data, fmt::format("{}; nothing was sent", error.what()));
    }
}

DiagnosticsRun create_diagnostics(NumeraiApi& api, transport::HttpClient& http, Retrier& retrier,
                                  const transport::RandomFraction& random,
                                  const DiagnoseOptions& options) {
    check_compute_id(options.compute_id);
    const CheckedSubmission checked = check_diagnostics_file(options.predictions);

    DiagnosticsRun run;
    run.model = options.model_name.empty() ? options.model_id : options.model_name;
    run.sha256 = util::sha256_of_file(options.predictions);
    run.model_id =
        options.model_id.empty() ? model_id_of(api.models(), options.model_name) : options.model_id;

    const std::string filename = fmt::format("erawise-diagnostics-{}-{:08x}.csv",
                                             plain_name(run.model), unique_number(random));
    const transport::UploadAuth uploaded = upload_file(
        http, retrier,
        {.file = options.predictions,
         .filename = filename,
         .compute_id = options.compute_id,
         .authorise = [&] { return api.diagnostics_upload_auth(filename, run.model_id); }});
    spdlog::info("{}: {} rows uploaded as {}", run.model, checked.rows, uploaded.filename);

    run.id = create_run(api, retrier, uploaded.filename, run.model_id);
    spdlog::info("{} have begun", name_of(run));
    return run;
}

Diagnostics wait_for_diagnostics(NumeraiApi& api, Retrier& retrier, util::Clock& clock,
                                 const transport::RandomFraction& random, const DiagnosticsRun& run,
                                 const DiagnosticsWait& options,
                                 const std::function<void(const Diagnostics&)>& seen) {
    const auto end = clock.now() + options.wait;
    retrier.set_deadline(end);
    Watch watch(api, run);
    for (milliseconds pause = options.first_pause;;
         pause = std::min(2 * pause, options.longest_pause)) {
        auto found = watch.look_tolerantly(seen);
        if (found) {
            spdlog::info("{} are done", name_of(run));
            return *std::move(found);
        }
        const auto now = clock.now();
        if (now >= end) {
            throw Error(
                ErrorKind::network,
                fmt::format("{} are not done after {} ({}); Numerai goes on with them: look for "
                            "this id among the model's diagnostics at https://numer.ai, or wait "
                            "longer the next time (--wait DURATION)",
                            name_of(run), spoken_duration(options.wait), watch.status()));
        }
        const auto shortened = std::min<milliseconds>(jittered(pause, random), end - now);
        spdlog::info("{} are not done yet ({}); looking again in {}", name_of(run), watch.status(),
                     spoken_duration(shortened));
        clock.sleep_for(shortened);
    }
}

}  // namespace erawise::submit
