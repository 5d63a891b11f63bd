#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "util/error.h"

namespace erawise {

/// A slot per task, which keeps the error that ended it. Whatever is done for single tasks is done
/// in their slots, so that one failure stays one failure. Tasks are known by their place.
class TaskSlots {
  public:
    explicit TaskSlots(std::size_t tasks) : errors_(tasks) {}

    [[nodiscard]] std::size_t size() const noexcept { return errors_.size(); }
    [[nodiscard]] bool is_left(std::size_t task) const { return !errors_[task].has_value(); }
    [[nodiscard]] bool any_is_left(std::span<const std::size_t> tasks) const;

    /// Why the task has ended; empty when it has not.
    [[nodiscard]] const std::optional<util::Error>& error(std::size_t task) const {
        return errors_[task];
    }

    /// Ends a task. Its first error stays.
    void fail(std::size_t task, const util::Error& error);

    /// Runs a part of the work for the tasks that need it, when one of them is left. Its error ends
    /// them; a signal (Error(cancelled)) is thrown.
    template <typename Body>
    void attempt(std::span<const std::size_t> tasks, Body&& body) {
        if (!any_is_left(tasks)) {
            return;
        }
        try {
            std::forward<Body>(body)();
        } catch (const util::Error& error) {
            fail_all(tasks, error);
        }
    }

    /// The same for a part of the work that one task needs.
    template <typename Body>
    void attempt(std::size_t task, Body&& body) {
        attempt(std::span(&task, 1), std::forward<Body>(body));
    }

    /// Throws the first task's error when all have ended.
    void require_any() const;

  private:
    void fail_all(std::span<const std::size_t> tasks, const util::Error& error);

    std::vector<std::optional<util::Error>> errors_;
};

}  // namespace erawise
