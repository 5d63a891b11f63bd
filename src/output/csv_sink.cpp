#include "output/csv_sink.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <cmath>
#include <system_error>

#include "output/prediction_writer.h"
#include "util/atomic_file.h"
#include "util/error.h"
#include "util/stop_signal.h"

namespace erawise::output {
namespace {

/// How long a stop signal can go unseen while nobody reads.
constexpr int kPollMilliseconds = 100;

template <typename Number>
void append_number(std::string& buffer, Number value) {
    if (std::isnan(value)) {
        buffer += "nan";  // whatever its sign
        return;
    }
    std::array<char, 32> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    buffer.append(digits.data(), result.ptr);
}

/// An id that a CSV reader would take apart is quoted; Numerai's never need it.
void append_id(std::string& buffer, std::string_view id) {
    if (id.find_first_of(",\"\r\n") == std::string_view::npos) {
        buffer.append(id);
        return;
    }
    buffer.push_back('"');
    for (const char c : id) {
        buffer.append(c == '"' ? 2 : 1, c);
    }
    buffer.push_back('"');
}

}  // namespace

CsvSink::CsvSink(const std::filesystem::path& path, const util::StopSignal* stop) : stop_(stop) {
    if (path != "-") {
        file_ = std::make_unique<util::AtomicFile>(path);
    }
    buffer_.reserve(kWriterBufferBytes);
}

CsvSink::~CsvSink() = default;

void CsvSink::line(std::string_view id, std::string_view text) {
    append_id(buffer_, id);
    buffer_.push_back(',');
    buffer_.append(text);
    buffer_.push_back('\n');
}

void CsvSink::line(std::string_view id, float value) {
    number_line(id, value);
}

void CsvSink::line(std::string_view id, double value) {
    number_line(id, value);
}

template <typename Number>
void CsvSink::number_line(std::string_view id, Number value) {
    append_id(buffer_, id);
    buffer_.push_back(',');
    append_number(buffer_, value);
    buffer_.push_back('\n');
    flush_when_full();
}

void CsvSink::flush_when_full() {
    constexpr std::size_t kLongestLine = 256;
    if (buffer_.size() + kLongestLine < kWriterBufferBytes) {
        return;
    }
    file_ ? file_->write(buffer_) : write_to_standard_output();
    buffer_.clear();
}

/// A pipe that nobody reads must not outlast a signal: no more is written than it takes at once.
void CsvSink::write_to_standard_output() {
    std::string_view bytes = buffer_;
    while (!bytes.empty()) {
        pollfd output{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
        if (poll(&output, 1, kPollMilliseconds) <= 0) {  // not yet, or a signal came
            if (stop_ != nullptr) {
                stop_->throw_if_requested();
            }
            continue;
        }
        const ssize_t written =
            write(STDOUT_FILENO, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
        if (written < 0 && errno != EINTR && errno != EAGAIN) {
            throw util::Error(util::ErrorKind::disk,
                              fmt::format("cannot write to standard output: {}",
                                          std::generic_category().message(errno)));
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
}

void CsvSink::finish() {
    if (file_) {
        file_->write(buffer_);
        file_->commit();
    } else {
        write_to_standard_output();
    }
    buffer_.clear();
}

}  // namespace erawise::output
