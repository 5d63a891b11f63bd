#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace erawise {

/// What is wrong with a configuration, collected, so that the user sees all of it at once.
class ConfigProblems {
  public:
    /// `where`: "erawise.json", "environment", "command line". `what` says the rest.
    void add(std::string_view where, std::string_view what);

    /// A value that is not allowed: "where: name = value: expected ...".
    void add_value(std::string_view where, std::string_view name, std::string_view quoted_value,
                   std::string_view expected);

    /// A name that does not exist, with the nearest that does.
    void add_unknown(std::string_view where, std::string_view kind, std::string_view name,
                     const std::vector<std::string_view>& known);

    [[nodiscard]] bool empty() const noexcept { return problems_.empty(); }

    /// Throws one Error(usage) with every problem, a line each. Returns when there is none.
    void throw_if_any() const;

  private:
    std::vector<std::string> problems_;
};

/// Whether a name looks as if its value were a key or a password, which must not be shown.
bool looks_secret(std::string_view name);

/// A value as a message may quote it: in quotes, shortened, control characters escaped, a user name
/// and password in a URL left out.
std::string quoted_value(std::string_view text);

/// The candidate that `text` is probably meant to be; empty when none is near.
std::string_view nearest(std::string_view text, const std::vector<std::string_view>& candidates);

}  // namespace erawise
