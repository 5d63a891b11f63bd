#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "transport/fake_clock.h"
#include "transport/fake_http_client.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"

namespace erawise::test {

/// Numerai's API over a client that has the answers, with a clock that waits for nobody.
class ApiTest : public testing::Test {
  protected:
    /// `fraction`: of its longest, for every wait.
    ApiTest(std::chrono::milliseconds budget, double fraction, const char* id, const char* key)
        : retrier_({.initial = std::chrono::seconds(1),
                    .maximum = std::chrono::seconds(5),
                    .budget = budget},
                   clock_, constant(fraction)),
          api_(http_, retrier_,
               {.url = "https://api.example",
                .credentials = transport::Credentials{util::Secret(id), util::Secret(key)}}) {}

    FakeClock clock_;
    FakeHttpClient http_;
    transport::Retrier retrier_;
    transport::NumeraiApi api_;
};

}  // namespace erawise::test
