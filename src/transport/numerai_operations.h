#pragma once

#include <array>

#include "transport/api_operation.h"
#include "transport/diagnostics.h"

namespace erawise::transport::operations {

inline constexpr Argument kTournamentArgument{"tournament", "Int!", Need::wanted};
inline constexpr Argument kOptionalTournament{"tournament", "Int", Need::wanted};
inline constexpr Argument kRoundArgument{"round", "Int"};

inline constexpr std::array kRoundsArguments = {
    kTournamentArgument, Argument{"number", "Int", Need::wanted, "0"}};  // 0: the current one
inline constexpr std::array kRoundFields = {
    Field{"number", Need::wanted}, Field{"openTime", Need::wanted},
    Field{"closeTime", Need::wanted}, Field{"closeStakingTime", Need::wanted},
    Field{"dataDatestamp", Need::wanted}};
inline constexpr ApiOperation kRounds{.root = "rounds",
                                      .arguments = kRoundsArguments,
                                      .fields = kRoundFields,
                                      .needs_key = NeedsKey::no,
                                      .needed_by = NeededBy::none};

inline constexpr std::array kListDatasetsArguments = {kRoundArgument, kOptionalTournament};
inline constexpr ApiOperation kListDatasets{.root = "listDatasets",
                                            .arguments = kListDatasetsArguments,
                                            .needs_key = NeedsKey::no,
                                            .needed_by = NeededBy::none};

inline constexpr std::array kDatasetArguments = {Argument{"filename", "String!"}, kRoundArgument,
                                                 kOptionalTournament};
inline constexpr ApiOperation kDataset{
    .root = "dataset", .arguments = kDatasetArguments, .needs_key = NeedsKey::no};

inline constexpr std::array kAccountFields = {
    Field{"models"}, Field{"id", Need::essential, "models"},
    Field{"name", Need::essential, "models"}, Field{"tournament", Need::wanted, "models"}};
inline constexpr ApiOperation kAccount{
    .root = "account",
    .fields = kAccountFields,
    .remedy =
        "set MODEL_ID to the model's id, which needs no such question, or look for a newer "
        "version of erawise"};

inline constexpr std::array kTokenFields = {
    Field{"accountUsername", Need::wanted}, Field{"name", Need::wanted},
    Field{"publicId", Need::wanted}, Field{"scopes", Need::wanted}};
inline constexpr ApiOperation kApiTokenInfo{
    .root = "apiTokenInfo", .fields = kTokenFields, .needed_by = NeededBy::none};

/// The server names the file as it likes in its answer.
inline constexpr std::array kUploadAuthArguments = {Argument{"filename", "String!", Need::wanted},
                                                    kTournamentArgument,
                                                    Argument{"modelId", "String", Need::wanted}};
inline constexpr std::array kUploadAuthFields = {Field{"filename", Need::wanted}, Field{"url"}};
inline constexpr ApiOperation kSubmissionUploadAuth{
    .root = "submissionUploadAuth", .arguments = kUploadAuthArguments, .fields = kUploadAuthFields};

/// Without the model's id Numerai would choose the model.
inline constexpr std::array kCreateArguments = {
    Argument{"filename", "String!"},
    kTournamentArgument,
    Argument{"modelId", "String"},
    Argument{"triggerId", "String", Need::wanted},
    Argument{"source", "String", Need::wanted, R"("erawise")"},
    Argument{"dataDatestamp", "Int"}};
inline constexpr std::array kIdField = {Field{"id", Need::wanted}};
inline constexpr ApiOperation kCreateSubmission{.root = "createSubmission",
                                                .kind = OperationKind::mutation,
                                                .arguments = kCreateArguments,
                                                .fields = kIdField,
                                                .resend = Resend::forbidden};

inline constexpr std::array kModelArgument = {Argument{"modelId", "String!", Need::wanted}};
inline constexpr std::array kSubmissionFields = {Field{"id", Need::wanted},
                                                 Field{"filename", Need::wanted},
                                                 Field{"insertedAt", Need::wanted},
                                                 Field{"triggerId", Need::wanted},
                                                 Field{"status", Need::wanted},
                                                 Field{"round", Need::wanted},
                                                 Field{"number", Need::essential, "round"}};
inline constexpr ApiOperation kSubmissions{.root = "submissions",
                                           .arguments = kModelArgument,
                                           .fields = kSubmissionFields,
                                           .needed_by = NeededBy::none};

inline constexpr ApiOperation kDiagnosticsUploadAuth{.root = "diagnosticsUploadAuth",
                                                     .arguments = kUploadAuthArguments,
                                                     .fields = kUploadAuthFields,
                                                     .needed_by = NeededBy::diagnose};

inline constexpr std::array kCreateDiagnosticsArguments = {
    Argument{"filename", "String!"}, kTournamentArgument, Argument{"modelId", "String"}};
inline constexpr ApiOperation kCreateDiagnostics{.root = "createDiagnostics",
                                                 .kind = OperationKind::mutation,
                                                 .arguments = kCreateDiagnosticsArguments,
                                                 .fields = kIdField,
                                                 .resend = Resend::forbidden,
                                                 .needed_by = NeededBy::diagnose};

inline constexpr std::array kDiagnosticsStateFields = {Field{"id", Need::wanted},
                                                       Field{"filename", Need::wanted},
                                                       Field{"status"},
                                                       Field{"message", Need::wanted},
                                                       Field{"updatedAt", Need::wanted},
                                                       Field{"erasAcceptedCount", Need::wanted},
                                                       Field{"trainedOnVal", Need::wanted}};

/// Of one run, with the numbers of transport/diagnostics.h.
consteval auto diagnostics_fields() {
    constexpr std::size_t before = kDiagnosticsStateFields.size();
    std::array<Field, before + kSummaryFields.size() + 2 + kEraFields.size()> fields{};
    std::size_t at = 0;
    for (const Field& field : kDiagnosticsStateFields) {
        fields[at++] = field;
    }
    for (const DiagnosticsField& number : kSummaryFields) {
        fields[at++] = Field{number.field, Need::wanted};
    }
    constexpr std::string_view eras = "perEraDiagnostics";
    fields[at++] = Field{eras, Need::wanted};
    fields[at++] = Field{"era", Need::essential, eras};
    for (const DiagnosticsField& number : kEraFields) {
        fields[at++] = Field{number.field, Need::wanted, eras};
    }
    return fields;
}

inline constexpr std::array kDiagnosticsArguments = {Argument{"id", "String", Need::wanted},
                                                     Argument{"modelId", "String!", Need::wanted}};
inline constexpr auto kDiagnosticsFields = diagnostics_fields();
inline constexpr ApiOperation kDiagnostics{.root = "diagnostics",
                                           .arguments = kDiagnosticsArguments,
                                           .fields = kDiagnosticsFields,
                                           .needed_by = NeededBy::diagnose};

/// All runs of a model, without their numbers.
inline constexpr std::array kDiagnosticsListFields = {
    Field{"id", Need::wanted}, Field{"filename", Need::wanted}, Field{"status", Need::wanted},
    Field{"updatedAt", Need::wanted}};
inline constexpr ApiOperation kDiagnosticsList{.root = "diagnostics",
                                               .arguments = kModelArgument,
                                               .fields = kDiagnosticsListFields,
                                               .needed_by = NeededBy::none};

inline constexpr std::array kAll = {&kRounds,
                                    &kListDatasets,
                                    &kDataset,
                                    &kAccount,
                                    &kApiTokenInfo,
                                    &kSubmissionUploadAuth,
                                    &kCreateSubmission,
                                    &kSubmissions,
                                    &kDiagnosticsUploadAuth,
                                    &kCreateDiagnostics,
                                    &kDiagnostics,
                                    &kDiagnosticsList};

}  // namespace erawise::transport::operations
