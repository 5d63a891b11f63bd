#include "predict/feature_sets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <system_error>

#include "util/error.h"

namespace erawise {
namespace {

/// Passes on the features of feature_sets as they come by.
class SetsReader final : public nlohmann::json_sax<nlohmann::json> {
  public:
    using Take = std::function<void(std::string_view set, std::string& feature)>;
    explicit SetsReader(Take take) : take_(std::move(take)) {}

    bool null() override { return true; }
    bool boolean(bool) override { return true; }
    bool number_integer(number_integer_t) override { return true; }
    bool number_unsigned(number_unsigned_t) override { return true; }
    bool number_float(number_float_t, const string_t&) override { return true; }
    bool binary(binary_t&) override { return true; }
    bool string(string_t& text) override {
        if (depth_ == 3 && in_sets_) {
            take_(sets.back(), text);
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
            sets.push_back(name);
        }
        return true;
    }
    bool parse_error(std::size_t position, const std::string&,
                     const nlohmann::detail::exception&) override {
        damaged_at = position;
        return false;
    }

    std::vector<std::string> sets;  ///< their names, the one at hand last
    std::size_t damaged_at = 0;

  private:
    Take take_;
    int depth_ = 0;
    bool in_sets_ = false;
};

/// Returns the names of the sets. `says`: what the file would tell, for messages.
std::vector<std::string> read_sets(const std::filesystem::path& file, std::string_view says,
                                   SetsReader::Take take) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("cannot open {}: {}; it says {}: put Numerai's features.json beside the "
                        "data, or set --features-file",
                        file.string(), std::generic_category().message(errno), says));
    }
    SetsReader reader(std::move(take));
    if (!nlohmann::json::sax_parse(stream, &reader)) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: byte {} is where it stops being JSON; download it again",
                                      file.string(), reader.damaged_at));
    }
    if (reader.sets.empty()) {
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: there are no 'feature_sets'; is this Numerai's "
                                      "features.json?",
                                      file.string()));
    }
    return std::move(reader.sets);
}

}  // namespace

std::vector<std::string> read_feature_set(const std::filesystem::path& file, std::string_view set) {
    std::vector<std::string> names;
    const std::vector<std::string> sets =
        read_sets(file, fmt::format("which features are in the set '{}'", set),
                  [&](std::string_view of, std::string& feature) {
                      if (of == set) {
                          names.push_back(std::move(feature));
                      }
                  });
    if (!std::ranges::contains(sets, set)) {
        throw util::Error(util::ErrorKind::usage,
                          fmt::format("{}: there is no feature set '{}'; it has {}", file.string(),
                                      set, fmt::join(sets, ", ")));
    }
    return names;
}

std::vector<std::string> features_in_no_set(const std::filesystem::path& file,
                                            std::span<const std::string> features) {
    std::vector<std::string> left(features.begin(), features.end());
    read_sets(file, "which features there are",
              [&](std::string_view, std::string& feature) { std::erase(left, feature); });
    return left;
}

std::vector<std::string> FeatureSets::names(std::string_view set) const {
    if (unavailable_) {
        throw util::Error(*unavailable_);
    }
    return read_feature_set(file_, set);
}

}  // namespace erawise
