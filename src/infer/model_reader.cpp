#include "infer/model_reader.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "infer/model_events.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

util::Error model_error(const std::filesystem::path& path, std::string_view what) {
    return {util::ErrorKind::model, fmt::format("{}: {}", path.string(), what)};
}

/// Both formats begin with a brace. JSON goes on with a quote or white space, UBJSON with the
/// length of a key: a type marker ('L', 'i', ...), or '$' or '#' for a typed container.
bool is_ubjson(std::istream& stream, const std::filesystem::path& path) {
    std::array<char, 2> begin{};
    stream.read(begin.data(), begin.size());
    stream.clear();
    stream.seekg(0);
    if (begin[0] != '{') {
        throw model_error(path, std::string_view(begin.data(), 2) == "bi"
                                    ? "the deprecated binary format ('binf'); save the model again "
                                      "with XGBoost 1.x to 3.0 as .ubj"
                                    : "no XGBoost model in UBJSON or JSON; save it with "
                                      "booster.save_model(\"model.ubj\")");
    }
    return std::string_view("LliIUu$#").contains(begin[1]);
}

void check(const ModelDescription& model) {
    if (model.booster.empty() || model.num_feature == 0) {
        throw model_error(model.path,
                          fmt::format("the file is no complete XGBoost model: {} is missing",
                                      model.booster.empty() ? "learner.gradient_booster.name"
                                                            : "learner_model_param.num_feature"));
    }
    if (!model.feature_names.empty() && model.feature_names.size() != model.num_feature) {
        throw model_error(model.path, fmt::format("{} feature names for {} features",
                                                  model.feature_names.size(), model.num_feature));
    }
    if (model.num_class > 1 || model.num_target > 1) {
        throw model_error(
            model.path,
            fmt::format("the model gives {} values per row; a submission needs one",
                        std::max(model.num_class, model.num_target)));
    }
}

}  // namespace

ModelDescription read_model_description(const std::filesystem::path& path) {
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(path, status);
    std::ifstream stream(path, std::ios::binary);
    if (status || !stream) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("cannot read the model {}: {}", path.string(),
                        status ? status.message() : std::generic_category().message(errno)));
    }
    ModelDescription model;
    model.path = path;
    model.file_bytes = bytes;
    ModelEvents events(model, bytes);
    const bool ubjson = is_ubjson(stream, path);
    parse_model(stream, ubjson ? ModelFormat::ubjson : ModelFormat::json, events);
    if (!events.error().empty()) {
        throw model_error(path, fmt::format("{}; the file is damaged: save it again",
                                            events.error()));
    }
    check(model);
    return model;
}

}  // namespace erawise::infer
