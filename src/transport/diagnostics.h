#pragma once

#include <array>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace erawise::transport {

/// A number of the diagnostics: our name for it, and the API's field.
struct DiagnosticsField {
    std::string_view name;
    std::string_view field;
};

/// Over all eras. Correlations, and their means and deviations over the eras, are numbers from -1
/// to 1; a Sharpe ratio is mean over deviation; the drawdown is that of the cumulated correlation.
inline constexpr auto kSummaryFields = std::to_array<DiagnosticsField>({
    {"corr_mean", "validationCorrMean"},
    {"corr_std", "validationCorrStd"},
    {"corr_sharpe", "validationCorrSharpe"},
    {"max_drawdown", "validationMaxDrawdown"},
    {"mmc_mean", "validationMmcMean"},
    {"mmc_std", "validationMmcStd"},
    {"mmc_sharpe", "validationMmcSharpe"},
    {"corr_plus_mmc_sharpe", "validationCorrPlusMmcSharpe"},
    {"bmc_mean", "validationBmcMean"},
    {"feature_neutral_corr_mean", "validationFeatureNeutralCorrMean"},
    {"feature_corr_max", "validationFeatureCorrMax"},
    {"example_preds_corr_mean", "examplePredsCorrMean"},
});

/// Of one era.
inline constexpr auto kEraFields = std::to_array<DiagnosticsField>({
    {"corr", "validationCorr"},
    {"mmc", "validationMmc"},
    {"bmc", "validationBmc"},
    {"feature_neutral_corr", "validationFeatureNeutralCorr"},
    {"feature_corr_max", "validationFeatureCorrMax"},
});

/// What Numerai's diagnostics say about one era, in the order of kEraFields.
struct EraDiagnostics {
    std::string era;
    std::array<std::optional<double>, kEraFields.size()> numbers{};
};

/// A run of Numerai's diagnostics over predictions for the validation eras. What the server left
/// out is empty.
///
/// Source: type V2Diagnostics of the introspected schema; github.com/numerai/numerapi,
/// numerapi/base_api.py, diagnostics().
struct Diagnostics {
    std::string id;
    std::string filename;  ///< as UploadAuth gave it
    std::string status;    ///< "done" at the end; the other texts are not documented
    std::string message;   ///< for people
    std::string updated_at;
    std::optional<int> eras_accepted;
    std::optional<bool> trained_on_validation;  ///< the predictions look too good to be honest
    std::array<std::optional<double>, kSummaryFields.size()> summary{};  ///< as kSummaryFields
    std::vector<EraDiagnostics> eras;
};

/// Reads the API's answer, a JSON list of runs; null is an empty list. Empty when it has another
/// form. A number that is none counts as left out.
std::optional<std::vector<Diagnostics>> parse_diagnostics(const nlohmann::json& answer);

}  // namespace erawise::transport
