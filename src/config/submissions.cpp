#include "config/submissions.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "config/json.h"
#include "config/values.h"

namespace erawise {
namespace {

using Json = nlohmann::json;

constexpr double kLargestWeight = 1e6;

class SubmissionsParser {
  public:
    SubmissionsParser(std::string_view where, ConfigProblems& problems)
        : where_(where), problems_(problems) {}

    std::vector<SubmissionConfig> parse(const Json& value) {
        std::vector<SubmissionConfig> submissions;
        for_each_element(value, "submissions", "an array of objects",
                         [&](const Json& element, const std::string& path) {
                             submissions.push_back(parse_submission(element, path));
                         });
        return submissions;
    }

  private:
    void refuse(const std::string& path, const Json& value, std::string_view expected) {
        problems_.add_value(where_, path, quoted_json(value), expected);
    }

    template <typename Body>
    void for_each_element(const Json& array, const std::string& path, std::string_view expected,
                          Body&& body) {
        if (!array.is_array()) {
            refuse(path, array, expected);
            return;
        }
        for (std::size_t i = 0; i < array.size(); ++i) {
            body(array[i], element_path(path, i));
        }
    }

    /// Whether it is an object that has all of `required`, and no key but those of `known`.
    bool check_keys(const Json& object, const std::string& path,
                    const std::vector<std::string_view>& required,
                    const std::vector<std::string_view>& known) {
        if (!object.is_object()) {
            refuse(path, object, "an object");
            return false;
        }
        for (const std::string_view key : required) {
            if (!object.contains(key)) {
                problems_.add(where_, fmt::format("{}: the key is missing", child_path(path, key)));
            }
        }
        for (const auto& [key, value] : object.items()) {
            check_known(key, path, known);
        }
        return true;
    }

    void check_known(const std::string& key, const std::string& path,
                     const std::vector<std::string_view>& known) {
        if (std::ranges::find(known, key) != known.end()) {
            return;
        }
        std::vector<std::string> paths;
        paths.reserve(known.size());
        for (const std::string_view it : known) {
            paths.push_back(child_path(path, it));
        }
        problems_.add_unknown(where_, "key", child_path(path, key), {paths.begin(), paths.end()});
    }

    std::string parse_text(const Json& value, const std::string& path, std::string_view expected) {
        if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
            refuse(path, value, expected);
            return {};
        }
        return value.get<std::string>();
    }

    SubmissionConfig parse_submission(const Json& object, const std::string& path) {
        SubmissionConfig submission;
        if (!check_keys(object, path, {"model", "ensemble"},
                        {"model", "ensemble", "blend", "features", "transform"})) {
            return submission;
        }
        if (object.contains("model")) {
            submission.model = parse_model(object["model"], child_path(path, "model"));
        }
        if (object.contains("ensemble")) {
            submission.ensemble = parse_ensemble(object["ensemble"], child_path(path, "ensemble"));
        }
        if (object.contains("blend")) {
            submission.blend = parse_blend_value(object["blend"], child_path(path, "blend"));
        }
        if (object.contains("features")) {
            submission.features = parse_features(object["features"], child_path(path, "features"));
        }
        if (object.contains("transform")) {
            submission.transform =
                parse_transform_value(object["transform"], child_path(path, "transform"));
        }
        return submission;
    }

    std::string parse_model(const Json& value, const std::string& path) {
        std::string model = parse_text(value, path, "Numerai's name of a model");
        if (!model.empty() && !models_.insert(model).second) {
            refuse(path, value, "a model that no other submission names");
        }
        return model;
    }

    std::vector<EnsembleMember> parse_ensemble(const Json& value, const std::string& path) {
        std::vector<EnsembleMember> ensemble;
        for_each_element(value, path, "an array of objects with file and weight",
                         [&](const Json& element, const std::string& element_path) {
                             ensemble.push_back(parse_member(element, element_path));
                         });
        if (value.is_array() && value.empty()) {
            problems_.add(where_, fmt::format("{}: has no files: expected at least one", path));
        }
        return ensemble;
    }

    EnsembleMember parse_member(const Json& object, const std::string& path) {
        EnsembleMember member;
        if (!check_keys(object, path, {"file"}, {"file", "weight"})) {
            return member;
        }
        if (object.contains("file")) {
            member.file = parse_text(object["file"], child_path(path, "file"),
                                     "the path of a model file, relative to models_directory");
        }
        if (object.contains("weight")) {
            member.weight = parse_weight(object["weight"], child_path(path, "weight"));
        }
        return member;
    }

    double parse_weight(const Json& value, const std::string& path) {
        const double weight = value.is_number() ? value.get<double>() : 0;
        if (weight <= 0 || weight > kLargestWeight) {
            refuse(path, value, "a number above 0 and at most 1000000");
        }
        return weight;
    }

    std::vector<std::string> parse_features(const Json& value, const std::string& path) {
        std::vector<std::string> features;
        std::set<std::string> seen;
        for_each_element(
            value, path, "an array of feature names",
            [&](const Json& element, const std::string& element_path) {
                features.push_back(parse_text(element, element_path, "the name of a feature"));
                if (!features.back().empty() && !seen.insert(features.back()).second) {
                    refuse(element_path, element, "a feature that is not there yet");
                }
            });
        return features;
    }

    output::Blend parse_blend_value(const Json& value, const std::string& path) {
        const auto blend =
            parse_choice<output::Blend>(value.is_string() ? value.get<std::string>() : "");
        if (!blend) {
            refuse(path, value, "rank or gauss");
        }
        return blend.value_or(output::Blend::rank);
    }

    std::optional<output::Transforms> parse_transform_value(const Json& value,
                                                            const std::string& path) {
        const auto transform = parse_transform(value.is_string() ? value.get<std::string>() : "");
        if (!transform) {
            refuse(path, value, kTransformExpected);
        }
        return transform.value_or(std::nullopt);
    }

    std::string_view where_;
    ConfigProblems& problems_;
    std::set<std::string> models_;
};

}  // namespace

std::vector<SubmissionConfig> parse_submissions(const Json& value, std::string_view where,
                                                ConfigProblems& problems) {
    return SubmissionsParser(where, problems).parse(value);
}

}  // namespace erawise
