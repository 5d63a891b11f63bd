#include "commands/network.h"

namespace erawise {
namespace {

transport::NumeraiApiOptions api_options(const Config& config) {
    transport::NumeraiApiOptions options{.url = config.api_url, .credentials = std::nullopt};
    if (!config.numerai.secret_key.empty()) {
        options.credentials =
            transport::Credentials{config.numerai.public_id, config.numerai.secret_key};
    }
    return options;
}

}  // namespace

Network::Network(const Config& config, const util::StopSignal& stop)
    : clock(stop),
      random(transport::system_random()),
      http(stop),
      retrier({.initial = config.retry.initial,
               .maximum = config.retry.maximum,
               .budget = config.retry.budget},
              clock, random),
      api(http, retrier, api_options(config)) {}

void Network::set_deadline(const std::optional<util::Clock::TimePoint>& closes) {
    if (closes) {
        retrier.set_deadline(*closes - api.clock_offset());
    }
}

}  // namespace erawise
