#pragma once

#include <optional>

#include "config/config.h"
#include "transport/curl_http_client.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "util/clock.h"
#include "util/stop_signal.h"

namespace erawise {

/// What talks to Numerai, put together as the configuration says. Nothing is opened before the
/// first call. Pinned: its members hold addresses of each other. `stop` must outlive it.
struct Network {
    Network(const Config& config, const util::StopSignal& stop);
    Network(const Network&) = delete;
    Network& operator=(const Network&) = delete;

    /// Retries end by then, when a round closes; `closes` is in the server's time.
    void set_deadline(const std::optional<util::Clock::TimePoint>& closes);

    util::SystemClock clock;
    transport::RandomFraction random;
    transport::CurlHttpClient http;
    transport::Retrier retrier;
    transport::NumeraiApi api;
};

}  // namespace erawise
