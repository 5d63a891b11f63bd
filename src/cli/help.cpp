#include "cli/help.h"

#include <fmt/format.h>

#include "util/exit_code.h"

namespace erawise {
namespace {

constexpr std::string_view kRunFooter =
    R"(Waits for a Numerai round to open, downloads its live data, predicts era by era with every
model file in the models folder, checks the predictions, uploads them, and keeps a receipt. Each
file is submitted to the Numerai model of its stem: alpha.ubj to the model alpha.

Example:
  export NUMERAI_PUBLIC_ID=... NUMERAI_SECRET_KEY=...
  erawise run --models-directory models --data-directory data --memory-limit 128MiB

The key pair comes from NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, or from files named by
NUMERAI_PUBLIC_ID_FILE and NUMERAI_SECRET_KEY_FILE. It is made at https://numer.ai/account and
needs the scopes upload_submission, read_submission_info and read_user_info.
)";

constexpr std::string_view kPredictFooter =
    R"(Predicts every row of a data file era by era, within the memory cap, and writes id,prediction.
Nothing is sent anywhere. Features are matched by name.

Example:
  erawise predict --data live.csv.xz --model alpha.ubj --output predictions.csv
)";

constexpr std::string_view kBacktestFooter =
    R"(Predicts data that has targets and scores it in the same pass, era by era, within the memory cap:
CORR, MMC where there is a meta model, BMC where that is a benchmark, FNC where a feature set is
named. The scores go to standard output, and with --report-html to a page with their cumulative
curve.

Example:
  erawise backtest --data validation.parquet --model alpha.ubj --report-html alpha.html
)";

constexpr std::string_view kScoreFooter =
    R"(Scores a file of predictions against data that has targets, as Numerai does: CORR per era, MMC
where there is a meta model, BMC where that is a benchmark, FNC where a feature set is named, and
for each the mean, the standard deviation, Sharpe's ratio and the largest drawdown.

Example:
  erawise score --predictions predictions.csv --data validation.parquet
)";

constexpr std::string_view kDownloadFooter =
    R"(Downloads one of Numerai's data files to DIR/NAME, by way of a .part file. No key is needed.

Example:
  erawise download --file v5.3/live.parquet --directory data
)";

constexpr std::string_view kSubmitFooter =
    R"(Checks a file of predictions, uploads it to the open round, and asks Numerai for the result.

Example:
  export NUMERAI_PUBLIC_ID=... NUMERAI_SECRET_KEY=...
  erawise submit --predictions predictions.csv --model-name alpha
)";

constexpr std::string_view kInspectFooter =
    R"(Describes a data file, a model file, or both, and says how much memory a run would take.

Example:
  erawise inspect --data live.csv.xz --model alpha.ubj
)";

constexpr std::string_view kDoctorFooter =
    R"(Looks at everything that a run needs, and says for each whether it is well and what to do: model
files, folders, disk, memory cap, Numerai's server, clock, key, scopes, model names, round, data.
Nothing is downloaded or sent. The exit code is that of the worst problem, 0 when there is none.

Example:
  export NUMERAI_PUBLIC_ID=... NUMERAI_SECRET_KEY=...
  erawise doctor --models-directory models --data-directory data
)";

constexpr std::string_view kDiagnoseFooter =
    R"(Uploads predictions for the validation data to Numerai's diagnostics, waits for the result, and
prints it: every era, then the summary. No round has to be open, and nothing is submitted. A file
that breaks the rules is reported before anything is sent.

Example:
  export NUMERAI_PUBLIC_ID=... NUMERAI_SECRET_KEY=...
  erawise predict --data validation.parquet --model alpha.ubj --transform rank \
    --output validation.csv
  erawise diagnose --predictions validation.csv --model-name alpha
)";

std::string reference() {
    return fmt::format(
        "Exit codes:\n{}\n"
        "Settings come from defaults < config file < environment < flags.\n"
        "Documents: docs/CONFIGURATION.md has every setting, docs/REPORT.md the JSON report,\n"
        "docs/OPERATIONS.md what happens when something goes wrong.\n",
        exit_code_table());
}

}  // namespace

std::string_view program_description() {
    return "Erawise takes part in the Numerai tournament for you: it waits for the round, "
           "downloads "
           "the data, predicts era by era under a hard memory cap, and submits.";
}

std::string program_footer() {
    return "Example:\n"
           "  docker run --rm --memory 128m -e NUMERAI_PUBLIC_ID -e NUMERAI_SECRET_KEY \\\n"
           "    -v \"$PWD/models:/models:ro\" -v erawise-data:/data erawise run\n\n"
           "'erawise COMMAND --help' explains a command and its flags.\n\n" +
           reference();
}

std::string_view command_summary(Command command) {
    switch (command) {
        case Command::run:
            return "Wait for the round, download, predict, submit";
        case Command::predict:
            return "Predict a data file with a model file";
        case Command::backtest:
            return "Predict data that has targets, and score it";
        case Command::score:
            return "Score a file of predictions";
        case Command::download:
            return "Download a data file from Numerai";
        case Command::submit:
            return "Submit a file of predictions";
        case Command::inspect:
            return "Describe a data file, a model file, and the memory that a run takes";
        case Command::doctor:
            return "Check key, models, folders, round and data before a run needs them";
        case Command::diagnose:
            return "Have Numerai diagnose predictions for the validation data";
    }
    return "";
}

std::string_view command_story(Command command) {
    switch (command) {
        case Command::run:
            return kRunFooter;
        case Command::predict:
            return kPredictFooter;
        case Command::backtest:
            return kBacktestFooter;
        case Command::score:
            return kScoreFooter;
        case Command::download:
            return kDownloadFooter;
        case Command::submit:
            return kSubmitFooter;
        case Command::inspect:
            return kInspectFooter;
        case Command::doctor:
            return kDoctorFooter;
        case Command::diagnose:
            return kDiagnoseFooter;
    }
    return "";
}

std::string command_names() {
    std::string names;
    for (const Command command : kCommands) {
        names += fmt::format("{}{}", names.empty() ? "" : " ", name_of(command));
    }
    return names;
}

std::string command_footer(Command command) {
    return fmt::format("{}\n{}", command_story(command), reference());
}

std::string option_description(const ConfigOption& option) {
    const std::string default_value = option.get(Config());
    const bool shown = !option.placeholder.empty() && !default_value.empty();
    return fmt::format("{}{}{}", option.help,
                       shown ? fmt::format(" [{}]", default_value) : std::string(),
                       option.presence == Presence::required ? " (required)" : "");
}

}  // namespace erawise
