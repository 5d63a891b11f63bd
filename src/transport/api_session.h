#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "transport/api_operation.h"
#include "transport/graphql.h"
#include "transport/numerai_api.h"
#include "transport/operation_form.h"
#include "transport/retry.h"

namespace erawise::transport {

/// What an operation answered.
struct Answer {
    enum class Kind : std::uint8_t {
        value,
        not_open,  ///< no round is
        unknown    ///< the schema has no such operation
    };
    Kind kind = Kind::value;
    nlohmann::json value{};
    std::string error{};  ///< of an unknown operation
};

/// The common part of all calls: key, retries, the form in which the server takes an operation, and
/// the meaning of errors.
///
/// Forms are kept, so that what a server does not know is told and found out once. As NumeraiApi:
/// one thread at a time.
class ApiSession {
  public:
    ApiSession(HttpClient& http, Retrier& retrier, NumeraiApiOptions options);

    [[nodiscard]] bool has_credentials() const { return credentials_.has_value(); }
    [[nodiscard]] std::chrono::milliseconds clock_offset() const { return clock_offset_; }
    [[nodiscard]] util::Clock::TimePoint server_now() const {
        return retrier_.now() + clock_offset_;
    }

    /// Repeated until there is an answer.
    Answer answer(const ApiOperation& operation, const nlohmann::json& values);

    /// The same. Throws Error(rejected) when no round is open, or the operation is unknown.
    nlohmann::json call(const ApiOperation& operation, const nlohmann::json& values);

    /// One try.
    Attempt<Answer> attempt(const ApiOperation& operation, const nlohmann::json& values);

    /// The value of an answer; throws as call() does.
    static nlohmann::json open(const ApiOperation& operation, Answer answer);

    /// Whether the operation was last asked with the argument: a server that does not know it was
    /// asked without.
    [[nodiscard]] bool asks_with(const ApiOperation& operation, std::string_view argument);

    void warn_once(const std::string& text);

    /// What of the operation the server does not know; nothing is executed. Repeated until there is
    /// an answer.
    SchemaDrift examine(const ApiOperation& operation, const nlohmann::json& values);

  private:
    OperationForm& form_of(const ApiOperation& operation);
    Attempt<GraphQlReply> post(const ApiOperation& operation, std::string query,
                               nlohmann::json variables);
    Attempt<SchemaDrift> examine_once(const ApiOperation& operation, const nlohmann::json& values);
    Attempt<Answer> interpret(const ApiOperation& operation, const OperationForm& form,
                              GraphQlReply reply);
    Attempt<Answer> refuse(const ApiOperation& operation, const GraphQlReply& reply,
                           const std::string& text);
    /// The messages, as ours may show them.
    [[nodiscard]] std::string text_of(const std::vector<GraphQlError>& errors) const;
    void tell_left_out(const std::vector<std::string>& names);
    void note_clock(std::chrono::milliseconds offset);

    GraphQlClient graphql_;
    Retrier& retrier_;
    std::optional<Credentials> credentials_;
    std::chrono::milliseconds call_timeout_;
    Naming naming_ = Naming::camel_case;  ///< of the operation that was understood last
    std::map<const ApiOperation*, OperationForm> forms_;
    std::set<std::string, std::less<>> told_;  ///< warnings
    std::chrono::milliseconds clock_offset_{0};
    bool clock_was_told_ = false;
};

}  // namespace erawise::transport
