#include "infer/bitslice/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>

#include "infer/bitslice/code_writer.h"
#include "infer/bitslice/cuts.h"
#include "infer/bitslice/test_table.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

/// Places in code and leaves are 32-bit numbers; one more tree has room above this one.
constexpr std::size_t kMostWords = 4'000'000'000;

/// Of the code: complete trees have 1, irregular ones 2; selects and blocks are taken where they
/// cost less. Codes are at most two per leaf, one per node; trees of more than kMostCuts may have
/// more.
constexpr std::uint64_t kMostCodeWordsPerNode = 3;
constexpr std::uint64_t kMostCodesPerNode = 2;

/// What moves planes between memory and registers costs, in loads; the rest is hidden behind it.
constexpr std::uint64_t kCostOfTest = 1;
constexpr std::uint64_t kCostOfStore = 2;
constexpr std::uint64_t kCostOfSelect = 3 * kCostOfTest + kCostOfStore;

}  // namespace

/// Compiles one tree after the other into a program.
///
/// Leaf codes: a subtree that needs `size` codes gets a block of codes that starts at a multiple of
/// the next power of two, so that within it only the low bits differ. Of two children the larger
/// comes first and the smaller behind it. Thus a node selects as many bits as the number of its
/// codes has, and a bit that is the same on both sides costs nothing. Subtrees of up to five levels
/// that are nearly complete become blocks: their codes are the answers along the path.
class BitsliceCompiler::TreeCompiler {
  public:
    TreeCompiler(BitsliceProgram& program, std::span<const std::uint32_t> columns)
        : program_(program), code_(program) {
        find_tests(columns);
    }

    void compile(const Tree& tree);

    [[nodiscard]] std::uint32_t slots() const noexcept { return code_.slots(); }

  private:
    static constexpr unsigned kMostCodeBits = 16;

    /// The bits of the codes below a node, lowest first.
    struct Planes {
        std::array<Slot, kMostCodeBits> slots{};
        unsigned count = 0;

        [[nodiscard]] auto begin() const { return slots.begin(); }
        [[nodiscard]] auto end() const { return slots.begin() + count; }
        [[nodiscard]] std::span<const Slot> used() const { return {slots.data(), count}; }
    };

    /// The tests of a feature.
    struct FeatureTests {
        std::uint32_t first = 0;
        std::uint32_t count = 0;
        std::uint32_t column = 0;
    };

    /// What is below a node.
    struct Extent {
        std::uint32_t codes = 1;     ///< that the subtree takes
        std::uint32_t internal = 0;  ///< nodes that are no leaves
        std::uint64_t cost = 0;      ///< of selects and blocks; see kCostOfSelect
        std::uint32_t treelets = 1;  ///< of kDeepestBlock levels at most
    };

    void find_tests(std::span<const std::uint32_t> columns);
    void put_leaf(const TreeNode& node, std::uint32_t code, std::size_t count);
    void measure();
    void measure_node(std::uint32_t index);
    [[nodiscard]] bool is_block(std::uint32_t index) const;
    [[nodiscard]] static std::uint32_t offset_of_smaller(std::uint32_t larger,
                                                         std::uint32_t smaller);
    bool plan_cuts();
    [[nodiscard]] std::uint64_t cost_of_cuts() const;
    [[nodiscard]] std::uint32_t levels_of(const CutPlan::Treelet& treelet) const;
    Planes emit_cuts();
    void emit_fold(Slot first_cut, std::span<const Slot> targets);
    void emit_treelets(Slot first_cut, std::span<const Slot> targets);
    [[nodiscard]] Slot cut_slot(Slot first_cut, std::size_t position) const;
    Planes emit(std::uint32_t node, std::uint32_t base);
    Planes emit_block(std::uint32_t node, std::uint32_t base);
    void fill_block(std::uint32_t node, std::size_t heap, unsigned levels, std::uint32_t base,
                    std::span<Slot> tests);
    Slot emit_bit(Slot test, Slot yes, Slot no);
    [[nodiscard]] Planes take_planes(unsigned count);
    [[nodiscard]] Slot test_slot(const TreeNode& node) const;

    BitsliceProgram& program_;
    CodeWriter code_;
    std::vector<FeatureTests> features_;
    std::span<const TreeNode> tree_;
    std::span<const double> leaf_values_;
    std::vector<Extent> extents_;
    std::vector<std::uint32_t> depths_;  ///< levels of tests below each node
    std::vector<std::uint32_t> order_;   ///< nodes from the root down
    CutPlanner planner_;
    const CutPlan* cuts_ = nullptr;  ///< of this tree, where it is evaluated by cuts
    std::uint32_t treelet_bits_ = 0;
    std::array<std::vector<Slot>, kDeepestBlock + 1> entries_;  ///< of treelets, by their levels
    std::uint32_t first_leaf_ = 0;
    std::uint32_t leaf_count_ = 0;
};

void BitsliceCompiler::TreeCompiler::find_tests(std::span<const std::uint32_t> columns) {
    const std::vector<ColumnTests>& tested = program_.tests->columns;
    for (const std::uint32_t column : columns) {
        const auto found = std::ranges::lower_bound(tested, column, {}, &ColumnTests::column);
        const bool has_tests = found != tested.end() && found->column == column;
        features_.push_back(has_tests ? FeatureTests{found->first_test, found->test_count, column}
                                      : FeatureTests{.column = column});
    }
}

void BitsliceCompiler::TreeCompiler::compile(const Tree& tree) {
    tree_ = tree.nodes;
    leaf_values_ = tree.leaves;
    measure();
    const bool by_cuts = plan_cuts();
    leaf_count_ = by_cuts ? static_cast<std::uint32_t>(cuts_->treelets.size()) << treelet_bits_
                          : extents_[0].codes;
    if (leaf_count_ > 1u << kMostCodeBits) {
        throw util::Error(
            util::ErrorKind::model,
            fmt::format("tree {} needs {} leaf codes, and the bitsliced engine has {}",
                        program_.trees.size(), leaf_count_, 1u << kMostCodeBits));
    }
    if (program_.code.size() > kMostWords || program_.leaves.size() > kMostWords) {
        throw util::Error(util::ErrorKind::model,
                          fmt::format("the bitsliced engine takes no more than {} of its trees",
                                      program_.trees.size()));
    }
    BitsliceTree compiled;
    code_.end_tree();
    compiled.first_word = static_cast<std::uint32_t>(program_.code.size());
    compiled.first_bit = static_cast<std::uint32_t>(program_.code_bits.size());
    program_.leaves.resize((program_.leaves.size() + 1) / 2 * 2, 0);  // float64 numbers are aligned
    compiled.first_leaf = first_leaf_ = static_cast<std::uint32_t>(program_.leaves.size());
    compiled.leaf_count = leaf_count_;
    const std::size_t words_per_leaf =
        program_.evaluation.arithmetic == Arithmetic::float32 ? 1 : 2;
    program_.leaves.resize(program_.leaves.size() + words_per_leaf * leaf_count_, 0);
    const Planes planes = by_cuts ? emit_cuts() : emit(0, 0);
    program_.code_bits.insert(program_.code_bits.end(), planes.begin(), planes.end());
    compiled.bit_count = planes.count;
    compiled.word_count = static_cast<std::uint32_t>(program_.code.size()) - compiled.first_word;
    program_.trees.push_back(compiled);
    // The codes of a group's trees stand side by side; then the scratch is free again.
    if (program_.trees.size() % kTreesPerGroup == 0) {
        code_.give_back_all();
    }
}

void BitsliceCompiler::TreeCompiler::put_leaf(const TreeNode& node, std::uint32_t code,
                                              std::size_t count) {
    const auto words = program_.leaves.begin() + first_leaf_;
    if (program_.evaluation.arithmetic == Arithmetic::float32) {
        std::fill_n(words + code, count, std::bit_cast<std::uint32_t>(node.value));
        return;
    }
    const auto bits =
        std::bit_cast<std::uint64_t>(leaf_values_[static_cast<std::size_t>(node.right)]);
    const auto low = static_cast<std::uint32_t>(bits);
    const auto high = static_cast<std::uint32_t>(bits >> 32);
    if (leaf_count_ <= kMostCodesInRegisters) {
        std::fill_n(words + code, count, low);
        std::fill_n(words + (leaf_count_ + code), count, high);
    } else {
        for (auto word = words + 2 * std::ptrdiff_t{code}; count-- > 0; word += 2) {
            word[0] = low;
            word[1] = high;
        }
    }
}

std::uint32_t BitsliceCompiler::TreeCompiler::offset_of_smaller(std::uint32_t larger,
                                                                std::uint32_t smaller) {
    const std::uint32_t block = std::bit_ceil(smaller);
    return (larger + block - 1) / block * block;
}

/// From the leaves up, without recursion: trees may be as deep as they have nodes.
void BitsliceCompiler::TreeCompiler::measure() {
    extents_.assign(tree_.size(), {});
    depths_.assign(tree_.size(), 0);
    order_.assign(1, 0);
    for (std::size_t i = 0; i < order_.size(); ++i) {
        const TreeNode& node = tree_[order_[i]];
        if (!node.is_leaf()) {
            order_.push_back(static_cast<std::uint32_t>(node.left));
            order_.push_back(static_cast<std::uint32_t>(node.right));
        }
    }
    for (std::size_t i = order_.size(); i-- > 0;) {
        if (!tree_[order_[i]].is_leaf()) {
            measure_node(order_[i]);
        }
    }
}

void BitsliceCompiler::TreeCompiler::measure_node(std::uint32_t index) {
    const Extent& left = extents_[static_cast<std::size_t>(tree_[index].left)];
    const Extent& right = extents_[static_cast<std::size_t>(tree_[index].right)];
    Extent& extent = extents_[index];
    const std::uint32_t depth = std::max(depths_[static_cast<std::size_t>(tree_[index].left)],
                                         depths_[static_cast<std::size_t>(tree_[index].right)]) +
                                1;
    depths_[index] = depth;
    extent.treelets = depth > kDeepestBlock ? left.treelets + right.treelets : 1;
    extent.internal = left.internal + right.internal + 1;
    const auto [smaller, larger] = std::minmax(left.codes, right.codes);
    if (is_block(index)) {
        extent.codes = 1u << depth;
        extent.cost = kCostOfTest * (extent.codes - 1) + kCostOfStore * depth;
    } else {
        extent.codes = offset_of_smaller(larger, smaller) + smaller;
        const auto bits = static_cast<unsigned>(std::bit_width(extent.codes - 1));
        extent.cost = left.cost + right.cost + kCostOfSelect * bits;
    }
}

/// At least five eighths full, so that padding stays below the size of the model itself.
bool BitsliceCompiler::TreeCompiler::is_block(std::uint32_t index) const {
    const std::uint32_t depth = depths_[index];
    return depth >= 2 && depth <= kDeepestBlock &&
           8 * extents_[index].internal >= 5 * ((1u << depth) - 1);
}

/// Whether cuts are the cheaper way; then cuts_ is their plan. Treelets leave gaps in the codes, so
/// that they are not for trees whose leaves fit into registers, nor where most would be leaves.
bool BitsliceCompiler::TreeCompiler::plan_cuts() {
    const std::uint32_t leaves = extents_[0].internal + 1;
    if (leaves < 2 || is_block(0)) {
        return false;
    }
    const bool has_room = leaves > kMostCodesInRegisters;
    treelet_bits_ = !has_room                                             ? 0
                    : extents_[0].treelets << kDeepestBlock <= 2 * leaves ? kDeepestBlock
                                                                          : 2;
    const TreeLevels levels = {.order = order_, .depths = depths_};
    cuts_ = &planner_.plan(tree_, levels, treelet_bits_);
    if (cuts_->treelets.size() << treelet_bits_ > 2 * leaves) {
        treelet_bits_ = 0;
        cuts_ = &planner_.plan(tree_, levels, 0);
    }
    return cuts_->cuts.size() < kMostCuts &&
           cuts_->treelets.size() << treelet_bits_ <= 1u << kMostCodeBits &&
           (cost_of_cuts() < extents_[0].cost || extents_[0].codes > 2 * leaves);
}

/// As Extent::cost.
std::uint64_t BitsliceCompiler::TreeCompiler::cost_of_cuts() const {
    std::uint64_t cost = (kCostOfSelect + kCostOfTest) * cuts_->cuts.size();
    for (const CutPlan::Treelet& treelet : cuts_->treelets) {
        const std::uint32_t levels = levels_of(treelet);
        cost += levels > 0 ? 2 + kCostOfTest * ((1u << levels) - 1) : 0;
    }
    return cost;
}

/// That it is evaluated with: where treelets may have more than two, all are blocks of one depth.
std::uint32_t BitsliceCompiler::TreeCompiler::levels_of(const CutPlan::Treelet& treelet) const {
    const bool is_block = treelet.depth > 0 && treelet_bits_ == kDeepestBlock;
    return is_block ? kDeepestBlock : treelet.depth;
}

BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::take_planes(unsigned count) {
    Planes planes;
    planes.count = count;
    std::ranges::generate(std::span(planes.slots).first(count),
                          [&] { return code_.take_scratch(); });
    return planes;
}

/// A treelet's codes are its position, then the bits within it.
BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit_cuts() {
    const Planes planes = take_planes(static_cast<unsigned>(std::bit_width(leaf_count_ - 1)));
    const std::size_t groups = (cuts_->treelets.size() + kCutsPerGroup - 1) / kCutsPerGroup;
    const Slot first_cut = code_.take_run(groups * kCutsPerGroup - 1);
    for (const CutPlan::Cut& cut : cuts_->cuts) {
        code_.select(test_slot(tree_[cut.node]), cut_slot(first_cut, cut.end),
                     cut_slot(first_cut, cut.first), cut_slot(first_cut, cut.middle));
    }
    emit_fold(first_cut, planes.used().subspan(treelet_bits_));
    emit_treelets(first_cut, planes.used().first(treelet_bits_));
    code_.give_back_run(first_cut);
    return planes;
}

/// Nothing is behind the first cut, everything behind the last one.
Slot BitsliceCompiler::TreeCompiler::cut_slot(Slot first_cut, std::size_t position) const {
    if (position == 0) {
        return kOneSlot;
    }
    return position == cuts_->treelets.size() ? kZeroSlot
                                              : static_cast<Slot>(first_cut + position - 1);
}

void BitsliceCompiler::TreeCompiler::emit_fold(Slot first_cut, std::span<const Slot> targets) {
    std::size_t cuts = cuts_->cuts.size();
    for (; (cuts + 1) % kCutsPerGroup != 0; ++cuts) {
        code_.select(kZeroSlot, kZeroSlot, kZeroSlot, static_cast<Slot>(first_cut + cuts));
    }
    code_.fold(first_cut, cuts, targets);
}

void BitsliceCompiler::TreeCompiler::emit_treelets(Slot first_cut, std::span<const Slot> targets) {
    for (std::vector<Slot>& entries : entries_) {
        entries.clear();
    }
    for (std::size_t position = 0; position < cuts_->treelets.size(); ++position) {
        const CutPlan::Treelet& treelet = cuts_->treelets[position];
        const std::uint32_t levels = levels_of(treelet);
        std::array<Slot, (1u << kDeepestBlock) - 1> room{};  // kZeroSlot where a path ends early
        const std::span tests = std::span(room).first((1u << levels) - 1);
        fill_block(treelet.node, 0, levels, static_cast<std::uint32_t>(position << treelet_bits_),
                   tests);
        if (levels > 0) {
            std::vector<Slot>& entries = entries_[levels];
            entries.insert(entries.end(),
                           {cut_slot(first_cut, position), cut_slot(first_cut, position + 1)});
            entries.insert(entries.end(), tests.begin(), tests.end());
        }
    }
    if (targets.size() == kDeepestBlock) {
        code_.treelet_blocks(targets, entries_[kDeepestBlock]);
    } else if (!targets.empty()) {
        code_.treelets(targets[0], targets[1], entries_[1], entries_[2]);
    }
}

BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit(std::uint32_t index,
                                                                            std::uint32_t base) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        put_leaf(node, base, 1);
        return {};
    }
    if (is_block(index)) {
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
    const Slot test = test_slot(node);
    Planes planes;
    planes.count = static_cast<unsigned>(std::bit_width(extents_[index].codes - 1));
    for (unsigned bit = 0; bit < planes.count; ++bit) {
        const Slot of_larger = bit < first.count ? first.slots[bit] : kZeroSlot;
        const bool offset_bit = ((offset >> bit) & 1) != 0;
        const Slot of_smaller =
            bit < second.count ? second.slots[bit] : (offset_bit ? kOneSlot : kZeroSlot);
        planes.slots[bit] = left_is_larger ? emit_bit(test, of_larger, of_smaller)
                                           : emit_bit(test, of_smaller, of_larger);
    }
    return planes;
}

Slot BitsliceCompiler::TreeCompiler::emit_bit(Slot test, Slot yes, Slot no) {
    if (yes == no) {
        return yes;
    }
    if (yes == kOneSlot && no == kZeroSlot) {
        return test;
    }
    // A scratch plane is used once, by the node above.
    code_.give_back(yes);
    code_.give_back(no);
    const Slot target = code_.take_scratch();
    code_.select(test, yes, no, target);
    return target;
}

BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit_block(
    std::uint32_t index, std::uint32_t base) {
    const unsigned depth = depths_[index];
    std::array<Slot, (1u << kDeepestBlock) - 1> room{};  // kZeroSlot where a path ends early
    const std::span tests = std::span(room).first((1u << depth) - 1);
    fill_block(index, 0, depth, base, tests);
    const Planes targets = take_planes(depth);
    code_.block(targets.used(), tests);
    return targets;
}

/// `heap`: the node's place in the block's heap; `levels`: of tests that the block has from here
/// on. A leaf above the block's floor stands for all codes below it, whatever is asked there.
void BitsliceCompiler::TreeCompiler::fill_block(std::uint32_t index, std::size_t heap,
                                                unsigned levels, std::uint32_t base,
                                                std::span<Slot> tests) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        put_leaf(node, base, std::size_t{1} << levels);
        return;
    }
    tests[heap] = test_slot(node);
    fill_block(static_cast<std::uint32_t>(node.left), 2 * heap + 1, levels - 1,
               base + (1u << (levels - 1)), tests);
    fill_block(static_cast<std::uint32_t>(node.right), 2 * heap + 2, levels - 1, base, tests);
}

Slot BitsliceCompiler::TreeCompiler::test_slot(const TreeNode& node) const {
    const FeatureTests& feature = features_[node.feature];
    const std::span tests = std::span(program_.tests->tests).subspan(feature.first, feature.count);
    const auto found = std::ranges::lower_bound(tests, test_of(node, feature.column), comes_before);
    return static_cast<Slot>(kFirstTestSlot + feature.first + (found - tests.begin()));
}

std::size_t BitsliceProgram::memory_bytes() const noexcept {
    return code.capacity() * sizeof(std::uint16_t) + code_bits.capacity() * sizeof(Slot) +
           leaves.capacity() * sizeof(std::uint32_t) + trees.capacity() * sizeof(BitsliceTree);
}

BitsliceCompiler::BitsliceCompiler(const CompileOptions& options)
    : trees_(options.trees), keeps_room_(options.nodes > kLargeProgramNodes) {
    program_.evaluation = options.evaluation;
    program_.tests = options.tests;
    program_.trees.reserve(options.trees);
    if (keeps_room_) {
        const unsigned words = options.evaluation.arithmetic == Arithmetic::float32 ? 1 : 2;
        program_.code.reserve(kMostCodeWordsPerNode * options.nodes);
        program_.leaves.reserve(words * kMostCodesPerNode * options.nodes + kLeafPadding);
    }
    compiler_ = std::make_unique<TreeCompiler>(program_, options.columns);
}

BitsliceCompiler::~BitsliceCompiler() = default;

void BitsliceCompiler::take(const Tree& tree) {
    if (program_.trees.size() < trees_) {
        compiler_->compile(tree);
    }
}

BitsliceProgram BitsliceCompiler::finish() {
    program_.slots = compiler_->slots();
    program_.leaves.resize(program_.leaves.size() + kLeafPadding, 0);
    if (!keeps_room_) {
        program_.code.shrink_to_fit();
        program_.code_bits.shrink_to_fit();
        program_.leaves.shrink_to_fit();
    }
    return std::move(program_);
}

BitsliceProgram compile_bitslice(const ForestUse& use, std::shared_ptr<const TestTable> tests) {
    BitsliceCompiler compiler({.evaluation = *use.forest,
                               .columns = use.columns,
                               .tests = std::move(tests),
                               .trees = use.trees,
                               .nodes = use.forest->nodes.size()});
    for (std::size_t tree = 0; tree < use.trees; ++tree) {
        compiler.take(use.forest->tree(tree));
    }
    return compiler.finish();
}

}  // namespace erawise::infer
