#include "infer/bitslice_program.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <optional>
#include <tuple>

#include "util/error.h"

namespace erawise::infer {
namespace {

bool comes_before(const SplitTest& a, const SplitTest& b) {
    return std::tie(a.column, a.threshold, a.default_left) <
           std::tie(b.column, b.threshold, b.default_left);
}

SplitTest test_of(const TreeNode& node, std::span<const std::uint32_t> columns) {
    return {columns[node.feature], node.value, node.default_left != 0};
}

/// Compiles one tree after the other into a program.
///
/// Leaf codes: a subtree that needs `size` codes gets a block of codes that starts at a multiple of
/// the next power of two, so that within it only the low bits differ. Of two children the larger
/// comes first and the smaller behind it. Thus a node selects as many bits as the number of its
/// codes has, and a bit that is the same on both sides costs nothing. Subtrees of up to five levels
/// that are nearly complete become blocks: their codes are the answers along the path.
class TreeCompiler {
  public:
    TreeCompiler(const ForestUse& use, BitsliceProgram& program)
        : use_(use),
          program_(program),
          first_scratch_(kFirstTestSlot + program.tests->tests.size()),
          next_scratch_(first_scratch_) {}

    void compile(std::size_t tree);

    [[nodiscard]] std::uint32_t slots() const noexcept {
        return static_cast<std::uint32_t>(most_slots_);
    }

  private:
    using Planes = std::vector<Slot>;

    /// What is below a node.
    struct Extent {
        std::uint32_t codes = 1;     ///< that the subtree takes
        std::uint32_t depth = 0;     ///< levels of tests
        std::uint32_t internal = 0;  ///< nodes that are no leaves
    };

    void measure();
    void measure_node(std::uint32_t index);
    [[nodiscard]] static bool is_block(const Extent& extent);
    [[nodiscard]] std::uint32_t offset_of_smaller(std::uint32_t larger,
                                                  std::uint32_t smaller) const;
    Planes emit(std::uint32_t node, std::uint32_t base);
    Planes emit_block(std::uint32_t node, std::uint32_t base);
    void fill_block(std::uint32_t node, std::size_t heap, unsigned levels, std::uint32_t base,
                    std::span<Slot> tests);
    Slot emit_bit(Slot test, Slot yes, Slot no);
    [[nodiscard]] Slot test_slot(const TreeNode& node) const;
    Slot take_scratch();
    void give_back(Slot slot);

    const ForestUse& use_;
    BitsliceProgram& program_;
    std::span<const TreeNode> tree_;
    std::vector<Extent> extents_;
    std::optional<std::size_t> open_selects_;  ///< the count word of the selects that end the code
    const std::size_t first_scratch_;
    std::size_t next_scratch_;
    std::size_t most_slots_ = first_scratch_;
    std::vector<Slot> free_scratch_;
    std::uint32_t first_leaf_ = 0;
};

void TreeCompiler::compile(std::size_t tree) {
    tree_ = use_.forest->tree(tree);
    measure();
    BitsliceTree compiled;
    open_selects_.reset();
    compiled.first_word = static_cast<std::uint32_t>(program_.code.size());
    compiled.first_bit = static_cast<std::uint32_t>(program_.code_bits.size());
    compiled.first_leaf = first_leaf_ = static_cast<std::uint32_t>(program_.leaves.size());
    program_.leaves.resize(program_.leaves.size() + extents_[0].codes, 0.0F);
    const Planes planes = emit(0, 0);
    program_.code_bits.insert(program_.code_bits.end(), planes.begin(), planes.end());
    compiled.bit_count = static_cast<std::uint32_t>(planes.size());
    compiled.word_count = static_cast<std::uint32_t>(program_.code.size()) - compiled.first_word;
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

/// From the leaves up, without recursion: trees may be as deep as they have nodes.
void TreeCompiler::measure() {
    extents_.assign(tree_.size(), {});
    std::vector<std::uint32_t> order = {0};
    for (std::size_t i = 0; i < order.size(); ++i) {
        const TreeNode& node = tree_[order[i]];
        if (!node.is_leaf()) {
            order.push_back(static_cast<std::uint32_t>(node.left));
            order.push_back(static_cast<std::uint32_t>(node.right));
        }
    }
    for (std::size_t i = order.size(); i-- > 0;) {
        if (!tree_[order[i]].is_leaf()) {
            measure_node(order[i]);
        }
    }
}

void TreeCompiler::measure_node(std::uint32_t index) {
    const Extent& left = extents_[static_cast<std::size_t>(tree_[index].left)];
    const Extent& right = extents_[static_cast<std::size_t>(tree_[index].right)];
    Extent& extent = extents_[index];
    extent.depth = std::max(left.depth, right.depth) + 1;
    extent.internal = left.internal + right.internal + 1;
    const auto [smaller, larger] = std::minmax(left.codes, right.codes);
    extent.codes =
        is_block(extent) ? 1u << extent.depth : offset_of_smaller(larger, smaller) + smaller;
}

/// At least five eighths full, so that padding stays below the size of the model itself.
bool TreeCompiler::is_block(const Extent& extent) {
    return extent.depth >= 2 && extent.depth <= kDeepestBlock &&
           8 * extent.internal >= 5 * ((1u << extent.depth) - 1);
}

TreeCompiler::Planes TreeCompiler::emit(std::uint32_t index, std::uint32_t base) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        program_.leaves[first_leaf_ + base] = node.value;
        return {};
    }
    if (is_block(extents_[index])) {
        return emit_block(index, base);
    }
    const auto left = static_cast<std::uint32_t>(node.left);
    const auto right = static_cast<std::uint32_t>(node.right);
    // With equal sizes the left one comes second: then the new bit is the test itself.
    const bool left_is_larger = extents_[left].codes > extents_[right].codes;
    const std::uint32_t larger = left_is_larger ? left : right;
    const std::uint32_t smaller = left_is_larger ? right : left;
    const std::uint32_t offset = offset_of_smaller(extents_[larger].codes, extents_[smaller].codes);

    const Planes first = emit(larger, base);
    const Planes second = emit(smaller, base + offset);
    const auto bits = static_cast<std::size_t>(std::bit_width(extents_[index].codes - 1));
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
    std::vector<std::uint16_t>& code = program_.code;
    if (!open_selects_ || code[*open_selects_] == kMostSelects) {
        open_selects_ = code.size();
        code.push_back(0);
    }
    ++code[*open_selects_];
    code.insert(code.end(), {test, yes, no, target});
    return target;
}

TreeCompiler::Planes TreeCompiler::emit_block(std::uint32_t index, std::uint32_t base) {
    const unsigned depth = extents_[index].depth;
    std::vector<Slot> tests((1u << depth) - 1, kZeroSlot);
    fill_block(index, 0, depth, base, tests);
    Planes targets(depth);
    std::ranges::generate(targets, [&] { return take_scratch(); });
    program_.code.push_back(static_cast<std::uint16_t>(kBlock + depth));
    program_.code.insert(program_.code.end(), targets.begin(), targets.end());
    program_.code.insert(program_.code.end(), tests.begin(), tests.end());
    open_selects_.reset();
    return targets;
}

/// `heap`: the node's place in the block's heap; `levels`: of tests that the block has from here
/// on. A leaf above the block's floor stands for all codes below it, whatever is asked there.
void TreeCompiler::fill_block(std::uint32_t index, std::size_t heap, unsigned levels,
                              std::uint32_t base, std::span<Slot> tests) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        std::fill_n(program_.leaves.begin() + first_leaf_ + base, std::size_t{1} << levels,
                    node.value);
        return;
    }
    tests[heap] = test_slot(node);
    fill_block(static_cast<std::uint32_t>(node.left), 2 * heap + 1, levels - 1,
               base + (1u << (levels - 1)), tests);
    fill_block(static_cast<std::uint32_t>(node.right), 2 * heap + 2, levels - 1, base, tests);
}

Slot TreeCompiler::test_slot(const TreeNode& node) const {
    const std::vector<SplitTest>& tests = program_.tests->tests;
    const auto found = std::ranges::lower_bound(tests, test_of(node, use_.columns), comes_before);
    return static_cast<Slot>(kFirstTestSlot + (found - tests.begin()));
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
    return code.capacity() * sizeof(std::uint16_t) + code_bits.capacity() * sizeof(Slot) +
           leaves.capacity() * sizeof(float) + trees.capacity() * sizeof(BitsliceTree);
}

TestTable make_test_table(std::span<const ForestUse> forests) {
    TestTable table;
    std::vector<SplitTest>& tests = table.tests;
    for (const ForestUse& use : forests) {
        for (std::uint32_t i = 0; i < use.forest->begins[use.trees]; ++i) {
            if (const TreeNode& node = use.forest->nodes[i]; !node.is_leaf()) {
                tests.push_back(test_of(node, use.columns));
            }
        }
        // After each forest: what is alike need not wait for the others.
        std::ranges::sort(tests, comes_before);
        const auto rest = std::ranges::unique(tests);
        tests.erase(rest.begin(), rest.end());
    }
    tests.shrink_to_fit();
    for (std::uint32_t test = 0; test < tests.size(); ++test) {
        if (test == 0 || tests[test - 1].column != tests[test].column) {
            table.columns.push_back({tests[test].column, test, 0});
        }
        ++table.columns.back().test_count;
    }
    return table;
}

BitsliceProgram compile_bitslice(const ForestUse& use, std::shared_ptr<const TestTable> tests) {
    BitsliceProgram program;
    program.base_margin = use.forest->base_margin;
    program.link = use.forest->link;
    program.tests = std::move(tests);
    TreeCompiler compiler(use, program);
    for (std::size_t tree = 0; tree < use.trees; ++tree) {
        compiler.compile(tree);
    }
    program.slots = compiler.slots();
    program.leaves.resize(program.leaves.size() + kLeafPadding, 0.0F);
    program.code.shrink_to_fit();
    program.code_bits.shrink_to_fit();
    program.leaves.shrink_to_fit();
    return program;
}

}  // namespace erawise::infer
