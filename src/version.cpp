#include "version.h"

#include <fmt/format.h>

#include "decode/xz_source.h"
#include "transport/curl_http_client.h"

namespace erawise {

std::string version() {
    return ERAWISE_VERSION;
}

std::string version_text() {
    return fmt::format("erawise {} (commit {})\nliblzma {}, {}\n", ERAWISE_VERSION, ERAWISE_COMMIT,
                       decode::xz_library_version(), transport::curl_library_version());
}

}  // namespace erawise
