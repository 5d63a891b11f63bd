#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace erawise::util {
class AtomicFile;
class StopSignal;
}  // namespace erawise::util

namespace erawise::output {

/// Buffered lines of "id,number", to a file that appears whole (util::AtomicFile) or to standard
/// output ("-"). Errors: Error(disk); Error(cancelled) when a signal arrives while nobody reads
/// standard output.
class CsvSink {
  public:
    /// `stop` may be null, and must outlive the sink otherwise.
    explicit CsvSink(const std::filesystem::path& path, const util::StopSignal* stop = nullptr);
    ~CsvSink();
    CsvSink(const CsvSink&) = delete;
    CsvSink& operator=(const CsvSink&) = delete;

    void line(std::string_view id, std::string_view text);
    void line(std::string_view id, float value);
    void line(std::string_view id, double value);
    void finish();

  private:
    template <typename Number>
    void number_line(std::string_view id, Number value);
    void flush_when_full();
    void write_to_standard_output();

    const util::StopSignal* stop_;
    std::unique_ptr<util::AtomicFile> file_;  ///< null: standard output
    std::string buffer_;
};

}  // namespace erawise::output
