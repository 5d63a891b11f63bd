#include "predict/feature_sets.h"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <system_error>

#include "util/error.h"

namespace erawise::infer {
namespace {

/// Takes feature_sets.SET as it passes by.
class SetReader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    explicit SetReader(std::string_view set) : set_(set) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool string(string_t& text) override {
        if (depth_ == 3 && in_sets_ && in_set_) {
            names.push_back(text);
        }
        return true;
    }
    bool start_object(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_object() override {
        --depth_;
        return true;
    }
    bool start_array(std::size_t) override {
        ++depth_;
        return true;
    }
    bool end_array() override {
        --depth_;
        return true;
    }
    bool key(string_t& name) override {
        if (depth_ == 1) {
            in_sets_ = name == "feature_sets";
        } else if (depth_ == 2 && in_sets_) {
            in_set_ = name == set_;
            is_found = is_found || in_set_;
            known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
        }
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        damaged_at = position;
        return false;
    }

    std::vector<std::string> names;
    std::string known;
    bool is_found = false;
    std::size_t damaged_at = 0;

  private:
    std::string_view set_;
    int depth_ = 0;
    bool in_sets_ = false;
    bool in_set_ = false;
};

}  // namespace

std::vector<std::string> read_feature_set(const std::filesystem::path& file, std::string_view set) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("cannot open {}: {}; it says which features are in the set '{}': put "
                        "Numerai's features.json beside the data, or set --features-file",
                        file.string(), std::generic_category().message(errno), set));
    }
    SetReader reader(set);
    if (!nlohmann::json::sax_parse(stream, &reader)) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: byte {} is where it stops being JSON; download it again",
                                      file.string(), reader.damaged_at));
    }
    if (reader.known.empty()) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: there are no 'feature_sets'; is this Numerai's "
                                      "features.json?",
                                      file.string()));
    }
    if (!reader.is_found) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("{}: there is no feature set '{}'; it has {}", file.string(),
                                      set, reader.known));
    }
    return std::move(reader.names);
}

}  // namespace erawise::infer
