#include "infer/bitslice_program.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <tuple>

#include "util/error.h"

namespace erawise::infer {
namespace {

bool comes_before(const SplitTest& a, const SplitTest& b) {
    return std::tie(a.feature, a.threshold, a.default_left) <
           std::tie(b.feature, b.threshold, b.default_left);
}

SplitTest test_of(const TreeNode& node) {
    return {node.feature, node.value, node.default_left != 0};
}

std::vector<SplitTest> distinct_tests(const Forest& forest, std::size_t trees) {
    std::vector<SplitTest> tests;
    for (std::uint32_t i = 0; i < forest.begins[trees]; ++i) {
        if (!forest.nodes[i].is_leaf()) {
            tests.push_back(test_of(forest.nodes[i]));
        }
    }
    std::ranges::sort(tests, comes_before);
    const auto rest = std::ranges::unique(tests);
    tests.erase(rest.begin(), rest.end());
    tests.shrink_to_fit();
    return tests;
}

/// Compiles one tree after the other into a program.
///
/// Leaf codes: a subtree that needs `size` codes gets a block of codes that starts at a multiple of
/// the next power of two, so that within it only the low bits differ. Of two children the larger
/// comes first and the smaller behind it. Thus a node selects as many bits as the number of its
/// codes has, and a bit that is the same on both sides costs nothing.
class TreeCompiler {
  public:
    TreeCompiler(const Forest& forest, BitsliceProgram& program)
        : forest_(forest),
          program_(program),
          first_scratch_(kFirstTestSlot + program.tests.size()),
          next_scratch_(first_scratch_) {}

    void compile(std::size_t tree);

    [[nodiscard]] std::uint32_t slots() const noexcept {
        return static_cast<std::uint32_t>(most_slots_);
    }

  private:
    using Planes = std::vector<Slot>;

    void measure();
    [[nodiscard]] std::uint32_t offset_of_smaller(std::uint32_t larger, std::uint32_t smaller) const;
    Planes emit(std::uint32_t node, std::uint32_t base);
    Slot emit_bit(Slot test, Slot yes, Slot no);
    [[nodiscard]] Slot test_slot(const TreeNode& node) const;
    Slot take_scratch();
    void give_back(Slot slot);

    const Forest& forest_;
    BitsliceProgram& program_;
    std::span<const TreeNode> tree_;
    std::vector<std::uint32_t> sizes_;  ///< codes that each node's subtree takes
    const std::size_t first_scratch_;
    std::size_t next_scratch_;
    std::size_t most_slots_ = first_scratch_;
    std::vector<Slot> free_scratch_;
    std::uint32_t first_leaf_ = 0;
};

void TreeCompiler::compile(std::size_t tree) {
    tree_ = forest_.tree(tree);
    measure();
    BitsliceTree compiled;
    compiled.first_select = static_cast<std::uint32_t>(program_.selects.size());
    compiled.first_bit = static_cast<std::uint32_t>(program_.code_bits.size());
    compiled.first_leaf = first_leaf_ = static_cast<std::uint32_t>(program_.leaves.size());
    program_.leaves.resize(program_.leaves.size() + sizes_[0], 0.0F);
    const Planes planes = emit(0, 0);
    program_.code_bits.insert(program_.code_bits.end(), planes.begin(), planes.end());
    compiled.bit_count = static_cast<std::uint32_t>(planes.size());
    compiled.select_count =
        static_cast<std::uint32_t>(program_.selects.size()) - compiled.first_select;
    program_.trees.push_back(compiled);
    // The codes of a group's trees stand side by side; then the scratch is free again.
    if (program_.trees.size() % kTreesPerGroup == 0) {
        free_scratch_.clear();
        next_scratch_ = first_scratch_;
    }
}

std::uint32_t TreeCompiler::offset_of_smaller(std::uint32_t larger, std::uint32_t smaller) const {
    const std::uint32_t block = std::bit_ceil(smaller);
    return (larger + block - 1) / block * block;
}

/// Sizes from the leaves up, without recursion: trees may be as deep as they have nodes.
void TreeCompiler::measure() {
    sizes_.assign(tree_.size(), 1);
    std::vector<std::uint32_t> order = {0};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const TreeNode& node = tree_[order[i]];
        if (!node.is_leaf()) {
            order.push_back(static_cast<std::uint32_t>(node.left));
            order.push_back(static_cast<std::uint32_t>(node.right));
        }
    }
    for (std::size_t i = order.size(); i-- > 0;) {
        const TreeNode& node = tree_[order[i]];
        if (!node.is_leaf()) {
            const auto [smaller, larger] =
                std::minmax(sizes_[static_cast<std::size_t>(node.left)],
                            sizes_[static_cast<std::size_t>(node.right)]);
            sizes_[order[i]] = offset_of_smaller(larger, smaller) + smaller;
        }
    }
}

TreeCompiler::Planes TreeCompiler::emit(std::uint32_t index, std::uint32_t base) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        program_.leaves[first_leaf_ + base] = node.value;
        return {};
    }
    const auto left = static_cast<std::uint32_t>(node.left);
    const auto right = static_cast<std::uint32_t>(node.right);
    // With equal sizes the left one comes second: then the new bit is the test itself.
    const bool left_is_larger = sizes_[left] > sizes_[right];
    const std::uint32_t larger = left_is_larger ? left : right;
    const std::uint32_t smaller = left_is_larger ? right : left;
    const std::uint32_t offset = offset_of_smaller(sizes_[larger], sizes_[smaller]);

    const Planes first = emit(larger, base);
    const Planes second = emit(smaller, base + offset);
    const auto bits = static_cast<std::size_t>(std::bit_width(sizes_[index] - 1));
    const Slot test = test_slot(node);
    Planes planes(bits);
    for (std::size_t bit = 0; bit < bits; ++bit) {
        const Slot of_larger = bit < first.size() ? first[bit] : kZeroSlot;
        const bool offset_bit = ((offset >> bit) & 1) != 0;
        const Slot of_smaller =
            bit < second.size() ? second[bit] : (offset_bit ? kOneSlot : kZeroSlot);
        planes[bit] = left_is_larger ? emit_bit(test, of_larger, of_smaller)
                                     : emit_bit(test, of_smaller, of_larger);
    }
    return planes;
}

Slot TreeCompiler::emit_bit(Slot test, Slot yes, Slot no) {
    if (yes == no) {
        return yes;
    }
    if (yes == kOneSlot && no == kZeroSlot) {
        return test;
    }
    give_back(yes);
    give_back(no);
    const Slot target = take_scratch();
    program_.selects.push_back({test, yes, no, target});
    return target;
}

Slot TreeCompiler::test_slot(const TreeNode& node) const {
    const auto found = std::ranges::lower_bound(program_.tests, test_of(node), comes_before);
    return static_cast<Slot>(kFirstTestSlot + (found - program_.tests.begin()));
}

Slot TreeCompiler::take_scratch() {
    if (!free_scratch_.empty()) {
        const Slot slot = free_scratch_.back();
        free_scratch_.pop_back();
        return slot;
    }
    if (next_scratch_ > std::numeric_limits<Slot>::max()) {
        throw util::Error(util::ErrorKind::bug, "a bitsliced program has run out of slots");
    }
    const auto slot = static_cast<Slot>(next_scratch_++);
    most_slots_ = std::max(most_slots_, next_scratch_);
    return slot;
}

/// A scratch plane is used once, by the node above; tests and constants stay.
void TreeCompiler::give_back(Slot slot) {
    if (slot >= first_scratch_) {
        free_scratch_.push_back(slot);
    }
}

}  // namespace

std::size_t BitsliceProgram::memory_bytes() const noexcept {
    return tests.capacity() * sizeof(SplitTest) + selects.capacity() * sizeof(Select) +
           code_bits.capacity() * sizeof(Slot) + leaves.capacity() * sizeof(float) +
           trees.capacity() * sizeof(BitsliceTree);
}

BitsliceProgram compile_bitslice(const Forest& forest, std::size_t trees) {
    BitsliceProgram program;
    program.base_margin = forest.base_margin;
    program.link = forest.link;
    program.tests = distinct_tests(forest, trees);
    TreeCompiler compiler(forest, program);
    for (std::size_t tree = 0; tree < trees; ++tree) {
        compiler.compile(tree);
    }
    program.slots = compiler.slots();
    program.leaves.resize(program.leaves.size() + kLeafPadding, 0.0F);
    program.selects.shrink_to_fit();
    program.code_bits.shrink_to_fit();
    program.leaves.shrink_to_fit();
    return program;
}

}  // namespace erawise::infer
