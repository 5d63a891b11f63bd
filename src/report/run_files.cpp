#include "report/run_files.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <new>
#include <system_error>

#include "util/error.h"
#include "util/exit_code.h"

namespace erawise {
namespace {

/// The exit code of the exception that is being handled.
int code_of_current(std::string_view what) {
    try {
        throw;
    } catch (const util::Error& error) {
        spdlog::error("{}: {}", what, error.what());
        return exit_code_for(error.kind());
    } catch (const std::bad_alloc&) {
        spdlog::error("{}: no memory left; what the run did before stands", what);
        return exit_code_for(util::ErrorKind::memory);
    } catch (const std::system_error& error) {  // of files: std::filesystem's, and of streams
        spdlog::error("{}: {}; what the run did before stands", what, error.what());
        return exit_code_for(util::ErrorKind::disk);
    } catch (const std::exception& error) {
        spdlog::error("{}: unexpected: {}; what the run did before stands; please report this",
                      what, error.what());
    } catch (...) {
        spdlog::error("{}: unexpected; what the run did before stands; please report this", what);
    }
    return exit_code_for(util::ErrorKind::bug);
}

}  // namespace

void attempt(RunReport& report, std::string_view what, const std::function<void()>& body) {
    try {
        body();
    } catch (...) {
        const int code = code_of_current(what);
        report.exit_code = report.exit_code == kExitDone ? code : report.exit_code;
    }
}

void write_run_files(std::initializer_list<RunFile> files, RunReport& report) {
    for (const RunFile& file : files) {
        if (!file.path.empty()) {
            attempt(report, file.what, [&] { file.write(report, file.path); });
        }
    }
}

}  // namespace erawise
