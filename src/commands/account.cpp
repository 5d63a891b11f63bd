#include "commands/account.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>
#include <vector>

#include "submit/key_check.h"
#include "submit/model_name.h"
#include "util/error.h"

namespace erawise {
namespace {

void look_up_models(transport::NumeraiApi& api, Submissions& submissions) {
    const std::vector<transport::Model> models = api.models();
    for (std::size_t i = 0; i < submissions.size(); ++i) {
        submissions.slots.attempt(i, [&] {
            submissions.model_ids[i] = submit::model_id_of(models, submissions.tasks[i].name);
        });
    }
}

}  // namespace

void check_account(const Config& config, Network& network, Submissions& submissions) {
    std::ranges::fill(submissions.model_ids, config.numerai.model_id);
    if (config.dry_run && !network.api.has_credentials()) {
        spdlog::info("no key pair: key and models' names are not looked up (--dry-run)");
        return;
    }
    const auto look_up =
        config.numerai.model_id.empty() ? submit::ModelLookUp::by_name : submit::ModelLookUp::by_id;
    submit::require_scopes(submit::check_key(network.api, look_up));
    if (look_up == submit::ModelLookUp::by_name) {
        look_up_models(network.api, submissions);
        submissions.slots.require_any();
    }
}

AccountCheck check_account_early(const Config& config, Network& network, Submissions& submissions) {
    try {
        check_account(config, network, submissions);
        return AccountCheck::done;
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::network || config.schedule.wait.count() == 0) {
            throw;
        }
        spdlog::warn("the key cannot be checked yet: {}", error.what());
        return AccountCheck::out_of_reach;
    }
}

}  // namespace erawise
