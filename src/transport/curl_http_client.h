#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

#include "transport/http.h"
#include "util/stop_signal.h"

namespace erawise::transport {

/// Memory of a client and of one call of the API, for the memory plan. Measured as resident set:
/// 4 MiB for libcurl and what it is linked with, 3 MiB for TLS and its certificate store, 4 MiB for
/// the largest answer (kMaximumBodyBytes) as text and as JSON; rounded up. Transfers to and from
/// files need two buffers of 64 KiB, which are among these.
inline constexpr std::size_t kHttpMemoryBytes = std::size_t{12} << 20;

struct CurlHttpOptions {
    std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);

    /// A transfer without a total time-out ends when it stays below this rate for this long.
    long low_speed_bytes_per_second = 512;
    std::chrono::seconds low_speed_time = std::chrono::seconds(30);
};

/// HttpClient over libcurl. https, or http to this machine itself; TLS is always verified;
/// redirects are followed for GET, and for any method where the status keeps it (307, 308), never
/// from https to http. HTTP/1.1, since HTTP/2 would keep windows of megabytes.
///
/// libcurl is opened and initialised by the first send(): a run that needs no network never pays
/// for it. Error(disk) where it is not installed. Connections are kept alive between calls. Pinned;
/// one thread at a time; `stop` must outlive it.
class CurlHttpClient final : public HttpClient {
  public:
    explicit CurlHttpClient(const util::StopSignal& stop, CurlHttpOptions options = {});
    ~CurlHttpClient() override;
    CurlHttpClient(const CurlHttpClient&) = delete;
    CurlHttpClient& operator=(const CurlHttpClient&) = delete;

    HttpResponse send(const HttpRequest& request) override;

  private:
    class Session;

    const util::StopSignal& stop_;
    CurlHttpOptions options_;
    std::unique_ptr<Session> session_;
};

/// "libcurl/8.22.0 OpenSSL/3.5.0 ...": what curl says of itself.
std::string curl_library_version();

}  // namespace erawise::transport
