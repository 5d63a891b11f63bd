#pragma once

#include <string>
#include <string_view>

#include "transport/http.h"

namespace erawise::transport {

enum class Naming { camel_case, snake_case };
enum class NeedsKey { no, yes };

/// A GraphQL operation. `query` holds "ROOT" where its root field stands, so that the field's name
/// can follow the server's naming; the alias "answer" makes the reply independent of it. Variables
/// are declared as the official Python client declares them.
struct ApiOperation {
    std::string_view root;  ///< in camelCase
    std::string_view query;
    NeedsKey needs_key = NeedsKey::yes;
    Resend resend = Resend::allowed;

    [[nodiscard]] std::string text(Naming naming) const;
};

/// "submissionUploadAuth" -> "submission_upload_auth".
std::string snake_case(std::string_view camel_case);

namespace operations {

inline constexpr ApiOperation kRounds{
    "rounds",
    "query ($tournament: Int!) { answer: ROOT(tournament: $tournament number: 0)"
    " { number openTime closeTime closeStakingTime dataDatestamp } }",
    NeedsKey::no};

inline constexpr ApiOperation kListDatasets{
    "listDatasets",
    "query ($round: Int $tournament: Int) { answer: ROOT(round: $round tournament: $tournament) }",
    NeedsKey::no};

inline constexpr ApiOperation kDataset{
    "dataset",
    "query ($filename: String! $round: Int $tournament: Int)"
    " { answer: ROOT(filename: $filename round: $round tournament: $tournament) }",
    NeedsKey::no};

inline constexpr ApiOperation kAccount{"account",
                                       "query { answer: ROOT { models { id name tournament } } }"};

inline constexpr ApiOperation kApiTokenInfo{
    "apiTokenInfo", "query { answer: ROOT { accountUsername name publicId scopes } }"};

inline constexpr ApiOperation kSubmissionUploadAuth{
    "submissionUploadAuth",
    "query ($filename: String! $tournament: Int! $modelId: String)"
    " { answer: ROOT(filename: $filename tournament: $tournament modelId: $modelId)"
    " { filename url } }"};

inline constexpr ApiOperation kCreateSubmission{
    "createSubmission",
    "mutation ($filename: String! $tournament: Int! $modelId: String $triggerId: String,"
    " $dataDatestamp: Int)"
    " { answer: ROOT(filename: $filename tournament: $tournament modelId: $modelId"
    " triggerId: $triggerId source: \"erawise\" dataDatestamp: $dataDatestamp) { id } }",
    NeedsKey::yes, Resend::forbidden};

inline constexpr ApiOperation kSubmissions{
    "submissions",
    "query ($modelId: String!) { answer: ROOT(modelId: $modelId)"
    " { id filename insertedAt triggerId status round { number } } }"};

inline constexpr ApiOperation kDiagnosticsUploadAuth{
    "diagnosticsUploadAuth",
    "query ($filename: String! $tournament: Int! $modelId: String)"
    " { answer: ROOT(filename: $filename tournament: $tournament modelId: $modelId)"
    " { filename url } }"};

inline constexpr ApiOperation kCreateDiagnostics{
    "createDiagnostics",
    "mutation ($filename: String! $tournament: Int! $modelId: String)"
    " { answer: ROOT(filename: $filename tournament: $tournament modelId: $modelId) { id } }",
    NeedsKey::yes, Resend::forbidden};

/// One run with its numbers: the fields of transport/diagnostics.h.
inline constexpr ApiOperation kDiagnostics{
    "diagnostics",
    "query ($id: String $modelId: String!) { answer: ROOT(id: $id modelId: $modelId)"
    " { id filename status message updatedAt erasAcceptedCount trainedOnVal"
    " validationCorrMean validationCorrStd validationCorrSharpe validationMaxDrawdown"
    " validationMmcMean validationMmcStd validationMmcSharpe validationCorrPlusMmcSharpe"
    " validationBmcMean validationFeatureNeutralCorrMean validationFeatureCorrMax"
    " examplePredsCorrMean perEraDiagnostics { era validationCorr validationMmc validationBmc"
    " validationFeatureNeutralCorr validationFeatureCorrMax } } }"};

/// All runs of a model, without their numbers.
inline constexpr ApiOperation kDiagnosticsList{
    "diagnostics",
    "query ($modelId: String!) { answer: ROOT(modelId: $modelId)"
    " { id filename status updatedAt } }"};

}  // namespace operations
}  // namespace erawise::transport
