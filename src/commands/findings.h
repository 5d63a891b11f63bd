#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "util/error.h"

namespace erawise {

/// What `erawise doctor` has found so far: a line per check, with what is wrong and the remedy.
class Findings {
  public:
    void ok(std::string_view subject, std::string_view text);
    void note(std::string_view subject, std::string_view text);
    void problem(std::string_view subject, const util::Error& error);

    /// Runs a check; its error is a problem. Returns whether it went through. Throws
    /// Error(cancelled).
    template <typename Check>
    bool examine(std::string_view subject, Check&& check) {
        try {
            std::forward<Check>(check)();
            return true;
        } catch (const util::Error& error) {
            if (error.kind() == util::ErrorKind::cancelled) {
                throw;
            }
            problem(subject, error);
            return false;
        }
    }

    /// "ok", "note" or "problem", the subject and what there is to say, one line each.
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

    /// The problem of highest severity; empty when all is well.
    [[nodiscard]] const std::optional<util::Error>& worst() const noexcept { return worst_; }

  private:
    void line(std::string_view state, std::string_view subject, std::string_view text);

    std::string text_;
    std::optional<util::Error> worst_;
};

}  // namespace erawise
