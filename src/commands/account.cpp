#include "commands/account.h"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "submit/key_check.h"
#include "submit/model_name.h"
#include "util/error.h"

namespace erawise {
namespace {

ModelIds model_ids(const Config& config, transport::NumeraiApi& api,
                   std::vector<PredictionTask>& tasks) {
    if (!config.numerai.model_id.empty()) {
        return {config.numerai.model_id};
    }
    const std::vector<transport::Model> models = api.models();
    ModelIds ids;
    for (PredictionTask& task : tasks) {
        try {
            ids.push_back(submit::model_id_of(models, task.name));
        } catch (const util::Error& error) {
            ids.emplace_back();
            task.error = error;
        }
    }
    return ids;
}

}  // namespace

ModelIds check_account(const Config& config, Network& network, std::vector<PredictionTask>& tasks) {
    if (config.dry_run && !network.api.has_credentials()) {
        spdlog::info("no key pair: key and models' names are not looked up (--dry-run)");
        return config.numerai.model_id.empty() ? ModelIds(tasks.size())
                                               : ModelIds{config.numerai.model_id};
    }
    const auto look_up =
        config.numerai.model_id.empty() ? submit::ModelLookUp::by_name : submit::ModelLookUp::by_id;
    submit::require_scopes(submit::check_key(network.api, look_up));
    ModelIds ids = model_ids(config, network.api, tasks);
    if (std::ranges::all_of(tasks, [](const auto& task) { return task.error.has_value(); })) {
        throw *tasks.front().error;
    }
    return ids;
}

std::optional<ModelIds> check_account_early(const Config& config, Network& network,
                                            std::vector<PredictionTask>& tasks) {
    try {
        return check_account(config, network, tasks);
    } catch (const util::Error& error) {
        if (error.kind() != util::ErrorKind::network || config.schedule.wait.count() == 0) {
            throw;
        }
        spdlog::warn("the key cannot be checked yet: {}", error.what());
        return std::nullopt;
    }
}

}  // namespace erawise
