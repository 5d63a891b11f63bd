#include "submit/key_check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "util/error.h"

namespace erawise::submit {

KeyCheck check_key(transport::NumeraiApi& api, ModelLookUp look_up) {
    KeyCheck check;
    const auto info = api.api_token_info();
    if (!info) {
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
