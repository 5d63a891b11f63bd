#include "infer/model_description.h"

#include <fmt/format.h>

namespace erawise::infer {

std::string name_of_feature(const ModelDescription& model, std::uint32_t feature) {
    return feature < model.feature_names.size() ? fmt::format("'{}'", model.feature_names[feature])
                                                : fmt::format("{}", feature);
}

}  // namespace erawise::infer
