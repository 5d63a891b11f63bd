#include "submit/model_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "util/error.h"

namespace erawise::submit {
namespace {

/// An account may have hundreds of models; a message may not.
constexpr std::size_t kNamesShown = 50;

std::string names_of(const std::vector<transport::Model>& models) {
    std::vector<std::string_view> names;
    names.reserve(models.size());
    for (const transport::Model& model : models) {
        names.emplace_back(model.name);
    }
    std::ranges::sort(names);
    const std::size_t hidden = names.size() - std::min(names.size(), kNamesShown);
    names.resize(names.size() - hidden);
    return fmt::format("{}{}", fmt::join(names, ", "),
                       hidden > 0 ? fmt::format(" and {} more", hidden) : "");
}

}  // namespace

std::string model_id_of(const std::vector<transport::Model>& models, std::string_view name) {
    const auto found = std::ranges::find(models, name, &transport::Model::name);
    if (found == models.end()) {
        throw util::Error(
            util::ErrorKind::rejected,
            fmt::format("the account has no model '{}'; {}; name one of them, or create it at "
                        "https://numer.ai/models",
                        name,
                        models.empty() ? std::string("it has none in this tournament")
                                       : "it has: " + names_of(models)));
    }
    if (found->id.empty()) {  // without one Numerai would choose the model
        throw util::Error(util::ErrorKind::rejected,
                          fmt::format("Numerai does not tell the id of the model '{}' "
                                      "(account.models.id); set MODEL_ID to it",
                                      name));
    }
    return found->id;
}

}  // namespace erawise::submit
