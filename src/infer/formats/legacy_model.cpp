#include "infer/formats/legacy_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "infer/formats/tree_collector.h"
#include "util/error.h"
#include "util/number.h"

namespace erawise::infer {
namespace {

constexpr std::size_t kLearnerBytes = 136;
constexpr std::size_t kBoosterBytes = 160;
constexpr std::size_t kTreeBytes = 148;
constexpr std::size_t kNodeBytes = 20;
constexpr std::size_t kStatisticsBytes = 16;
constexpr std::uint64_t kLongestString = 1 << 20;
constexpr std::uint64_t kLongestObjective = 64;
static_assert(kLegacyBeginningBytes >= kLearnerBytes + sizeof(std::uint64_t) + kLongestObjective);

/// A record as it stands in the file, little endian.
template <std::size_t Size>
struct Record {
    std::array<char, Size> bytes;

    template <typename Number>
    [[nodiscard]] Number at(std::size_t offset) const {
        Number value;
        std::memcpy(&value, bytes.data() + offset, sizeof value);
        return value;
    }
};

class LegacyReader {
  public:
    LegacyReader(std::istream& stream, ModelDescription& model, TreeSink* trees)
        : stream_(stream), model_(model), trees_(model, trees) {}

    void read();

  private:
    template <std::size_t Size>
    Record<Size> record(std::string_view what);
    std::string string(std::string_view what);
    void skip(std::uint64_t bytes, std::string_view what);
    [[noreturn]] void fail(std::string_view what) const;
    /// The message is made when it is needed: some are asked of every node.
    template <typename... Arguments>
    void check(bool good, fmt::format_string<Arguments...> what, Arguments&&... arguments) const {
        if (!good) {
            fail(fmt::format(what, std::forward<Arguments>(arguments)...));
        }
    }
    void read_learner();
    void read_tree();
    void read_attributes();

    std::istream& stream_;
    ModelDescription& model_;
    TreeCollector trees_;
    std::uint64_t offset_ = 0;
    bool has_attributes_ = false;
    std::vector<TreeNode> tree_;
};

void LegacyReader::fail(std::string_view what) const {
    throw util::Error(util::ErrorKind::model,
                      fmt::format("{}: the binary model is damaged at byte {}: {}; save it again "
                                  "with the XGBoost that wrote it, as .ubj or .json",
                                  model_.path.string(), offset_, what));
}

template <std::size_t Size>
Record<Size> LegacyReader::record(std::string_view what) {
    Record<Size> record;
    stream_.read(record.bytes.data(), Size);
    check(stream_.gcount() == Size, "it ends within {}", what);
    offset_ += Size;
    return record;
}

std::string LegacyReader::string(std::string_view what) {
    const auto length = record<8>(what).at<std::uint64_t>(0);
    check(length <= kLongestString && length <= model_.file_bytes, "{} has {} characters", what,
          length);
    std::string text(length, '\0');
    stream_.read(text.data(), static_cast<std::streamsize>(length));
    check(static_cast<std::uint64_t>(stream_.gcount()) == length, "it ends within {}", what);
    offset_ += length;
    return text;
}

void LegacyReader::skip(std::uint64_t bytes, std::string_view what) {
    check(offset_ + bytes <= model_.file_bytes, "it ends within {}", what);
    stream_.seekg(static_cast<std::streamoff>(bytes), std::ios::cur);
    offset_ += bytes;
}

void LegacyReader::read_learner() {
    const auto learner = record<kLearnerBytes>("the learner's parameters");
    const auto base_score = learner.at<float>(0);
    model_.num_feature = learner.at<std::uint32_t>(4);
    model_.num_class = static_cast<std::uint32_t>(std::max(0, learner.at<std::int32_t>(8)));
    has_attributes_ = learner.at<std::int32_t>(12) != 0;
    const auto major = learner.at<std::uint32_t>(20);
    check(model_.num_feature > 0 && model_.num_feature <= kMostFeatures, "it has {} features",
          model_.num_feature);
    model_.base_score = fmt::format("{}", base_score);
    model_.base_score_is_margin = major == 0;
    model_.objective = string("the objective's name");
    model_.booster = string("the booster's name");
}

void LegacyReader::read() {
    const auto begin = record<4>("its first bytes");
    if (std::string_view(begin.bytes.data(), 4) != "binf") {
        stream_.seekg(0);
        offset_ = 0;
    }
    read_learner();
    if (model_.booster != "gbtree") {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format(
                "{}: a binary model with the booster '{}' cannot be read; save it again with "
                "XGBoost 1.x to 3.0 as .ubj",
                model_.path.string(), model_.booster.substr(0, 40)));
    }
    const auto booster = record<kBoosterBytes>("the booster's parameters");
    const auto trees = booster.at<std::int32_t>(0);
    check(trees >= 0 && static_cast<std::uint64_t>(trees) * kTreeBytes <= model_.file_bytes,
          "it has {} trees", trees);
    for (std::int32_t i = 0; i < trees; ++i) {
        read_tree();
    }
    skip(static_cast<std::uint64_t>(trees) * sizeof(std::int32_t), "the trees' groups");
    if (has_attributes_) {
        read_attributes();
    }
}

void LegacyReader::read_tree() {
    const auto parameters = record<kTreeBytes>(fmt::format("tree {}", model_.trees));
    const auto nodes = parameters.at<std::int32_t>(4);
    check(parameters.at<std::int32_t>(0) == 1 && nodes > 0 &&
              static_cast<std::uint64_t>(nodes) * kNodeBytes <= model_.file_bytes,
          "tree {} has {} roots and {} nodes", model_.trees, parameters.at<std::int32_t>(0), nodes);
    tree_.clear();
    const std::string where = fmt::format("the nodes of tree {}", model_.trees);
    for (std::int32_t i = 0; i < nodes; ++i) {
        const auto node = record<kNodeBytes>(where);
        const auto split = node.at<std::uint32_t>(12);
        const std::uint32_t feature = split & 0x7FFFFFFFu;
        tree_.push_back({.left = node.at<std::int32_t>(4),
                         .right = node.at<std::int32_t>(8),
                         .feature = feature & 0x1FFFFFFFu,
                         .default_left = split >> 31,
                         .value = node.at<float>(16)});
        check(tree_.back().is_leaf() || feature < model_.num_feature,
              "tree {} splits on feature {}", model_.trees, feature);
    }
    skip(static_cast<std::uint64_t>(nodes) * kStatisticsBytes, "the statistics of a tree");
    const auto depth = depth_of_tree(tree_);
    check(depth.has_value(), "tree {} is no tree", model_.trees);
    trees_.take({tree_, {}}, *depth);
}

void LegacyReader::read_attributes() {
    const auto count = record<8>("the attributes").at<std::uint64_t>(0);
    check(count <= model_.file_bytes / 16, "it has {} attributes", count);
    for (std::uint64_t i = 0; i < count; ++i) {
        const std::string name = string("an attribute's name");
        const std::string value = string("an attribute's value");
        std::string_view digits = value;
        const auto iteration = util::take_number<std::uint32_t>(digits);
        if (name == "best_iteration" && iteration) {
            model_.best_iteration = iteration;
        }
    }
}

/// "reg:linear" behind its length, and the like.
bool has_objective_name(std::string_view text) {
    std::uint64_t length = 0;
    std::memcpy(&length, text.data(), sizeof length);
    text.remove_prefix(sizeof length);
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789:_";
    return length > 0 && length <= kLongestObjective && length <= text.size() &&
           text.substr(0, length).find_first_not_of(kLetters) == std::string_view::npos;
}

}  // namespace

bool may_be_legacy_model(std::string_view beginning, std::uint64_t file_bytes) {
    if (beginning.starts_with("binf")) {
        return true;
    }
    if (beginning.size() < kLearnerBytes + sizeof(std::uint64_t) ||
        file_bytes <= kLearnerBytes + kBoosterBytes) {
        return false;
    }
    Record<kLearnerBytes> learner{};
    std::ranges::copy(beginning.substr(0, kLearnerBytes), learner.bytes.begin());
    const auto features = learner.at<std::uint32_t>(4);
    const auto base_score = learner.at<float>(0);
    return base_score > -1e6F && base_score < 1e6F && features > 0 && features <= kMostFeatures &&
           has_objective_name(beginning.substr(kLearnerBytes));
}

void read_legacy_model(std::istream& stream, ModelDescription& model, TreeSink* trees) {
    LegacyReader(stream, model, trees).read();
}

}  // namespace erawise::infer
