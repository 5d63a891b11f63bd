#include "cli/version.h"

#include <fmt/format.h>
#include <spdlog/version.h>

#include "decode/csv/xz_source.h"
#include "infer/engines/xgboost_library.h"
#include "transport/curl_http_client.h"
#include "util/error.h"
#include "util/vector_target.h"

namespace erawise {
namespace {

std::string xgboost_version() {
    try {
        return infer::XgboostLibrary::open()->version();
    } catch (const util::Error&) {
        return "is not installed; only the engine of that name needs it";
    }
}

}  // namespace

std::string version() {
    return ERAWISE_VERSION;
}

std::string version_text() {
    return fmt::format(
        "erawise {} (commit {})\nliblzma {}, {}\nlibxgboost {}\nspdlog {}.{}.{}, fmt {}.{}.{}\n"
        "vector targets {}\n",
        ERAWISE_VERSION, ERAWISE_COMMIT, decode::xz_library_version(),
        transport::curl_library_version(), xgboost_version(), SPDLOG_VER_MAJOR, SPDLOG_VER_MINOR,
        SPDLOG_VER_PATCH, FMT_VERSION / 10000, FMT_VERSION / 100 % 100, FMT_VERSION % 100,
        util::vector_target_names());
}

}  // namespace erawise
