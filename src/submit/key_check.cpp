#include "submit/key_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "transport/api_error.h"
#include "util/error.h"

namespace erawise::submit {
namespace {

constexpr std::array<std::string_view, 5> kKnownScopes = {
    "upload_submission", "read_submission_info", "read_user_info", "download_submission", "stake"};

/// Scopes may be renamed: that none of a key's is known says nothing about what it may do.
bool speaks_of_other_scopes(const std::vector<std::string>& scopes) {
    return !scopes.empty() && std::ranges::none_of(scopes, [](const std::string& scope) {
        return std::ranges::contains(kKnownScopes, scope);
    });
}

}  // namespace

KeyCheck check_key(transport::NumeraiApi& api, ModelLookUp look_up) {
    KeyCheck check;
    const auto info = api.api_token_info();
    if (!info) {
        return check;
    }
    if (speaks_of_other_scopes(info->scopes)) {
        spdlog::warn(
            "Numerai names the key's scopes as this version does not know them ({}): "
            "whether it may submit will show",
            transport::printable(fmt::format("{}", fmt::join(info->scopes, ", "))));
        return check;
    }
    check.known = true;
    check.account = info->account;
    check.key_name = info->name;
    check.scopes = info->scopes;
    const auto note = [&](const char* scope, std::vector<std::string>& list) {
        if (!std::ranges::contains(info->scopes, scope)) {
            list.emplace_back(scope);
        }
    };
    note("upload_submission", check.missing);
    if (look_up == ModelLookUp::by_name) {
        note("read_user_info", check.missing);
    }
    note("read_submission_info", check.unneeded);
    return check;
}

void require_scopes(const KeyCheck& key) {
    if (!key.missing.empty()) {
        throw util::Error(
            util::ErrorKind::rejected,
            fmt::format("the key lacks the scope {}; scopes cannot be added to a key, so create a "
                        "new one at https://numer.ai/account",
                        fmt::join(key.missing, " and ")));
    }
    if (!key.unneeded.empty()) {
        spdlog::warn(
            "the key lacks the scope {}: submissions cannot be verified, and a lost answer "
            "may lead to a second one",
            fmt::join(key.unneeded, " and "));
    }
}

}  // namespace erawise::submit
