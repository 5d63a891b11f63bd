#include "report/diagnostics_report.h"

#include <gtest/gtest.h>

namespace erawise {
namespace {

DiagnosticsReport two_eras() {
    return {.model = "alpha",
            .id = "d-1",
            .status = "done",
            .message = "",
            .sha256 = "",
            .eras_accepted = 2,
            .trained_on_validation = true,
            .summary = {{"corr_mean", 0.01234}, {"bmc_mean", std::nullopt}},
            .era_columns = {"corr", "bmc", "feature_corr_max"},
            .eras = {{"0575", {0.03125, std::nullopt, 0.25}},
                     {"0576", {-0.5, std::nullopt, std::nullopt}}}};
}

TEST(DiagnosticsTables, ErasComeFirstAndColumnsWithoutNumbersAreLeftOut) {
    EXPECT_EQ(diagnostics_tables(two_eras()),
              "era       corr  feature corr max\n"
              "0575    0.0312            0.2500\n"
              "0576   -0.5000                 -\n"
              "\n"
              "diagnostics d-1 of alpha: done\n"
              "  eras accepted                        2\n"
              "  trained on validation              yes\n"
              "  corr mean                       0.0123\n");
}

TEST(DiagnosticsTables, WithoutErasThereIsTheSummaryAlone) {
    const DiagnosticsReport report{.model = "alpha",
                                   .id = "d-1",
                                   .status = "done",
                                   .message = "well\x1b[2J\nforged",
                                   .sha256 = "",
                                   .eras_accepted = {},
                                   .trained_on_validation = {},
                                   .summary = {},
                                   .era_columns = {"corr"},
                                   .eras = {}};
    EXPECT_EQ(diagnostics_tables(report), "diagnostics d-1 of alpha: done\n  well?[2J?forged\n");
}

}  // namespace
}  // namespace erawise
