#include "output/csv_sink.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "output/prediction_writer.h"
#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise::output {
namespace {

template <typename Number>
void append_number(std::string& buffer, Number value) {
    std::array<char, 32> digits{};
    const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    buffer.append(digits.data(), result.ptr);
}

void write_to_standard_output(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written < 0 && errno != EINTR) {
            throw util::Error(util::ErrorKind::disk,
                              fmt::format("cannot write to standard output: {}",
                                          std::generic_category().message(errno)));
        }
        bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
    }
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

CsvSink::CsvSink(const std::filesystem::path& path) {
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
    file_ ? file_->write(buffer_) : write_to_standard_output(buffer_);
    buffer_.clear();
}

void CsvSink::finish() {
    if (file_) {
        file_->write(buffer_);
        file_->commit();
    } else {
        write_to_standard_output(buffer_);
    }
    buffer_.clear();
}

}  // namespace erawise::output
