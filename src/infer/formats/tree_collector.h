#pragma once

#include <cstdint>
#include <unordered_set>
#include <vector>

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// What all loaders do with a tree that they have checked: count it in the description, and pass it
/// on where somebody wants it.
class TreeCollector {
  public:
    /// `next` may be null. Both outlive the collector.
    TreeCollector(ModelDescription& model, TreeSink* next) : model_(model), next_(next) {}

    /// `depth`: what depth_of_tree() said of it.
    void take(const Tree& tree, std::uint32_t depth);

  private:
    static constexpr std::size_t kRecentTests = 4096;

    void add_test(const TreeNode& split);

    ModelDescription& model_;
    TreeSink* next_;
    std::unordered_set<std::uint64_t> tests_;
    /// Tests that were met before, by a few bits of their keys: most splits are found here.
    std::vector<std::uint64_t> recent_ = std::vector<std::uint64_t>(kRecentTests);
};

}  // namespace erawise::infer
