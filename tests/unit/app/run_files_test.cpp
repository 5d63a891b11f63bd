#include "run_files.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <new>
#include <stdexcept>

#include "exit_code.h"
#include "util/error.h"

namespace erawise {
namespace {

template <typename Exception>
RunFile failing(Exception exception) {
    return {"report", "r.json", [exception](const RunReport&, const auto&) { throw exception; }};
}

int code_after(const RunFile& file, int code_of_the_run) {
    RunReport report;
    report.exit_code = code_of_the_run;
    write_run_files({file}, report);
    return report.exit_code;
}

TEST(RunFiles, AnExceptionOfAnyTypeIsTheExitCodeOfARunThatWasDone) {
    EXPECT_EQ(code_after(failing(util::Error(util::ErrorKind::disk, "full")), 0), 5);
    EXPECT_EQ(code_after(failing(std::filesystem::filesystem_error(
                             "gone", std::make_error_code(std::errc::io_error))),
                         0),
              5);
    EXPECT_EQ(code_after(failing(std::ios_base::failure("torn")), 0), 5);
    EXPECT_EQ(code_after(failing(std::bad_alloc()), 0), 12);
    EXPECT_EQ(code_after(failing(std::runtime_error("odd")), 0), 1);
    EXPECT_EQ(code_after(failing(7), 0), 1);
}

TEST(RunFiles, ARunThatFailedKeepsItsExitCode) {
    EXPECT_EQ(code_after(failing(std::runtime_error("odd")), 11), 11);
    EXPECT_EQ(code_after(failing(util::Error(util::ErrorKind::disk, "full")), 3), 3);
}

TEST(RunFiles, EachIsWrittenWhateverBecomesOfTheOthers) {
    RunReport report;
    int written = 0;
    const auto count = [&](const RunReport&, const auto&) { ++written; };
    write_run_files(
        {failing(std::runtime_error("odd")), {"page", "p.html", count}, {"metrics", "", count}},
        report);
    EXPECT_EQ(written, 1);
    EXPECT_EQ(report.exit_code, 1);
}

}  // namespace
}  // namespace erawise
