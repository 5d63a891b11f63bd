#pragma once

#include <exception>
#include <string>
#include <string_view>
#include <utility>

namespace erawise::util {

/// Why a run cannot go on. Each kind has one exit code (src/util/exit_code.h).
enum class ErrorKind {
    bug,       ///< an assumption of ours does not hold
    usage,     ///< command line or configuration; nothing was touched
    data,      ///< input data: schema, truncation, corruption
    model,     ///< a model file: unreadable, or it does not fit the data
    disk,      ///< local files: missing, unwritable, full
    network,   ///< gave up within the time budget; running again helps
    rejected,  ///< Numerai said no: key, scope, closed round, invalid file
    memory,    ///< the memory cap cannot be met
    cancelled  ///< SIGINT or SIGTERM
};

/// The one exception type of the project.
///
/// A message says what, where, why and the remedy. Stage boundaries put their context in front, so
/// that it reads like a path: "predict: /models/a.ubj: feature 'x' is not in live.csv".
class Error : public std::exception {
  public:
    Error(ErrorKind kind, std::string message) : kind_(kind), message_(std::move(message)) {}

    [[nodiscard]] ErrorKind kind() const noexcept { return kind_; }
    [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }

    /// Puts "context: " in front of the message.
    void add_context(std::string_view context) { message_.insert(0, std::string(context) + ": "); }

  private:
    ErrorKind kind_;
    std::string message_;
};

/// Runs `body`; an Error that leaves it gets `context` in front.
template <typename Body>
decltype(auto) with_context(std::string_view context, Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (Error& error) {
        error.add_context(context);
        throw;
    }
}

}  // namespace erawise::util
