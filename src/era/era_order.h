#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace erawise::era {

/// What to do when an era comes back after another one.
enum class EraOrder {
    any,      ///< a warning: predictions are right row by row
    grouped,  ///< an error: a transform needs each era whole
};

/// Watches the sequence of era labels. Memory: one entry per era.
class EraTracker {
  public:
    explicit EraTracker(EraOrder order) : order_(order) {}

    /// A run of rows with `label` starts at `line` of `source` (1 is the first line). Throws
    /// Error(data), or logs a warning once, when the label was met in an earlier run.
    void begin(std::string_view label, std::uint64_t line, std::string_view source);

    [[nodiscard]] std::size_t eras() const noexcept { return first_line_.size(); }

  private:
    EraOrder order_;
    bool warned_ = false;
    std::unordered_map<std::string, std::uint64_t> first_line_;
};

}  // namespace erawise::era
