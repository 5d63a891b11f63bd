#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace erawise::util {
class AtomicFile;
}

namespace erawise::output {

/// Buffered lines of "id,number", to a file that appears whole (util::AtomicFile) or to standard
/// output ("-"). Errors: Error(disk).
class CsvSink {
  public:
    explicit CsvSink(const std::filesystem::path& path);
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

    std::unique_ptr<util::AtomicFile> file_;  ///< null: standard output
    std::string buffer_;
};

}  // namespace erawise::output
