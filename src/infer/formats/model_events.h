#pragma once

#include <cstddef>
#include <cstdint>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

#include "infer/category_levels.h"
#include "infer/forest.h"
#include "infer/formats/tree_collector.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// Takes the events of a model document, fills a description, and passes on the trees. Everything
/// that it does not know is passed over: files of other XGBoost versions have other keys.
///
/// Bounds for hostile files: nesting, and events in relation to the file's size.
class ModelEvents {
  public:
    /// `trees`: null when the trees are only to be counted and checked.
    ModelEvents(ModelDescription& model, TreeSink* trees, std::uint64_t file_bytes)
        : model_(model), trees_(model, trees), events_left_(file_bytes + kSpareEvents) {}

    bool key(std::string_view name);
    bool begin_object();
    bool begin_array() { return begin(); }
    bool end_object();
    bool end_array() { return end(); }
    bool string(const std::string& text);
    /// `text`: the digits as they stand in a JSON document; empty in binary ones, where a float32
    /// is exact as it is.
    bool number(double value, std::string_view text = {});
    /// A value that is none: fine where nobody wants it.
    bool null();
    /// Whether anybody wants the numbers of the array that was begun.
    [[nodiscard]] bool takes_numbers() const noexcept { return sink_ != NumberSink::none; }
    /// That many numbers that nobody wants.
    bool pass_over(std::uint64_t numbers);
    bool fail(std::string message);

    /// What was wrong; empty when the document was fine.
    [[nodiscard]] const std::string& error() const noexcept { return error_; }

  private:
    /// Ours need nine levels; the parser of UBJSON recurses, so there must be an end to it.
    static constexpr std::size_t kMaxDepth = 32;
    static constexpr std::uint64_t kSpareEvents = 1000;

    /// What the numbers of the present array are.
    enum class NumberSink : std::uint8_t {
        none,
        parents,
        left_children,
        right_children,
        split_indices,
        split_conditions,
        default_left,
        split_type,
        iteration_indptr,
        weight_drop,
        level_values,
        level_offsets
    };

    bool begin();
    bool end();
    bool spend();
    [[nodiscard]] bool in(std::initializer_list<std::string_view> path) const;
    [[nodiscard]] bool in_tree() const;
    [[nodiscard]] bool in_levels() const;
    [[nodiscard]] NumberSink sink_for_path() const;
    bool store(double value, std::string_view text);
    bool child(double value, std::vector<std::int32_t>& children);
    void finish_tree();
    [[nodiscard]] bool parents_fit() const;
    void take_tree();

    ModelDescription& model_;
    TreeCollector trees_;
    LevelCollector levels_;
    std::uint64_t events_left_;
    std::string error_;
    std::vector<std::string> path_;  ///< keys of the open objects and arrays; "" within arrays
    std::string key_;
    NumberSink sink_ = NumberSink::none;
    std::vector<std::int32_t> parents_;
    std::vector<std::int32_t> left_children_;
    std::vector<std::int32_t> right_children_;
    std::vector<std::uint32_t> split_indices_;
    std::vector<float> split_conditions_;
    std::vector<bool> default_left_;
    std::vector<TreeNode> tree_;
};

/// Runs the parser for `format` (ubjson or json) over the stream. What is wrong with the document
/// is in `events.error()`.
void parse_model(std::istream& stream, ModelFormat format, ModelEvents& events);

}  // namespace erawise::infer
