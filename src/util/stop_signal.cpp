#include "util/stop_signal.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>
#include <system_error>

#include "util/error.h"

namespace erawise::util {
namespace {

std::atomic<StopSignal*> installed{nullptr};

extern "C" void on_signal(int signal) {
    const int saved_errno = errno;
    if (StopSignal* stop = installed.load()) {
        stop->request(signal);
    }
    errno = saved_errno;
}

}  // namespace

StopSignal::StopSignal() : event_descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (event_descriptor_ < 0) {
        throw Error(ErrorKind::disk,
                    "cannot open an event descriptor: " + std::generic_category().message(errno));
    }
}

StopSignal::~StopSignal() {
    StopSignal* self = this;
    installed.compare_exchange_strong(self, nullptr);
    close(event_descriptor_);
}

void StopSignal::install() {
    installed.store(this);
    struct sigaction action{};
    action.sa_handler = on_signal;
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

void StopSignal::request(int signal) noexcept {
    int expected = 0;
    signal_.compare_exchange_strong(expected, signal);
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(event_descriptor_, &one, sizeof one);
}

void StopSignal::throw_if_requested() const {
    if (const int signal = signal_.load(); signal != 0) {
        throw Error(ErrorKind::cancelled,
                    std::string(signal == SIGINT ? "SIGINT" : "SIGTERM") + " received");
    }
}

bool StopSignal::wait_for(std::chrono::milliseconds duration) const {
    using Clock = std::chrono::steady_clock;
    const auto deadline = Clock::now() + duration;
    while (!requested()) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
        if (left.count() <= 0) {
            break;
        }
        pollfd descriptor{.fd = event_descriptor_, .events = POLLIN, .revents = 0};
        poll(&descriptor, 1, static_cast<int>(std::min<long long>(left.count(), 60'000)));
    }
    return requested();
}

}  // namespace erawise::util
