#include "infer/bitslice_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <optional>

#include "infer/test_table.h"
#include "util/error.h"

namespace erawise::infer {
namespace {

/// Places in code and leaves are 32-bit numbers; one more tree has room above this one.
constexpr std::size_t kMostWords = 4'000'000'000;

/// Of the code, for trees that training makes: complete ones have 1, irregular ones 4 to 5. Their
/// leaves take up to 2 words per node, and twice that in float64.
constexpr std::uint64_t kMostCodeWordsPerNode = 6;

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
        : program_(program),
          first_scratch_(kFirstTestSlot + program.tests->tests.size()),
          next_scratch_(first_scratch_) {
        find_tests(columns);
    }

    void compile(const Tree& tree);

    [[nodiscard]] std::uint32_t slots() const noexcept {
        return static_cast<std::uint32_t>(most_slots_);
    }

  private:
    static constexpr unsigned kMostCodeBits = 16;

    /// The bits of the codes below a node, lowest first.
    struct Planes {
        std::array<Slot, kMostCodeBits> slots{};
        unsigned count = 0;

        [[nodiscard]] auto begin() const { return slots.begin(); }
        [[nodiscard]] auto end() const { return slots.begin() + count; }
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
        std::uint32_t depth = 0;     ///< levels of tests
        std::uint32_t internal = 0;  ///< nodes that are no leaves
        std::uint64_t cost = 0;      ///< of its selects and blocks
    };

    void find_tests(std::span<const std::uint32_t> columns);
    void put_leaf(const TreeNode& node, std::uint32_t code, std::size_t count);
    void measure();
    void measure_node(std::uint32_t index);
    [[nodiscard]] static bool is_block(const Extent& extent);
    [[nodiscard]] bool is_cheaper_by_cuts() const;
    [[nodiscard]] std::uint32_t offset_of_smaller(std::uint32_t larger,
                                                  std::uint32_t smaller) const;
    Planes emit_cuts();
    void emit_fold(Slot first_cut, std::uint32_t cuts, const Planes& targets);
    void emit_select(Slot test, Slot yes, Slot no, Slot target);
    Planes emit(std::uint32_t node, std::uint32_t base);
    Planes emit_block(std::uint32_t node, std::uint32_t base);
    void fill_block(std::uint32_t node, std::size_t heap, unsigned levels, std::uint32_t base,
                    std::span<Slot> tests);
    Slot emit_bit(Slot test, Slot yes, Slot no);
    [[nodiscard]] Slot test_slot(const TreeNode& node) const;
    Slot take_scratch();
    void give_back(Slot slot);

    BitsliceProgram& program_;
    std::vector<FeatureTests> features_;
    std::span<const TreeNode> tree_;
    std::span<const double> leaf_values_;
    std::vector<Extent> extents_;
    std::vector<std::uint32_t> positions_;
    std::vector<std::uint32_t> order_;         ///< nodes from the root down
    std::optional<std::size_t> open_selects_;  ///< the count word of the selects that end the code
    const std::size_t first_scratch_;
    std::size_t next_scratch_;
    std::size_t most_slots_ = first_scratch_;
    std::vector<Slot> free_scratch_;
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
    const bool by_cuts = is_cheaper_by_cuts();
    leaf_count_ = by_cuts ? extents_[0].internal + 1 : extents_[0].codes;
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
    open_selects_.reset();
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
        free_scratch_.clear();
        next_scratch_ = first_scratch_;
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
        for (auto word = words + 2 * code; word != words + 2 * (code + count); word += 2) {
            word[0] = low;
            word[1] = high;
        }
    }
}

std::uint32_t BitsliceCompiler::TreeCompiler::offset_of_smaller(std::uint32_t larger,
                                                                std::uint32_t smaller) const {
    const std::uint32_t block = std::bit_ceil(smaller);
    return (larger + block - 1) / block * block;
}

/// From the leaves up, without recursion: trees may be as deep as they have nodes.
void BitsliceCompiler::TreeCompiler::measure() {
    extents_.assign(tree_.size(), {});
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
    extent.depth = std::max(left.depth, right.depth) + 1;
    extent.internal = left.internal + right.internal + 1;
    const auto [smaller, larger] = std::minmax(left.codes, right.codes);
    extent.codes =
        is_block(extent) ? 1u << extent.depth : offset_of_smaller(larger, smaller) + smaller;
    extent.cost = is_block(extent) ? 1u << extent.depth
                                   : left.cost + right.cost + 2 * static_cast<std::uint64_t>(std::bit_width(extent.codes - 1));
}

bool BitsliceCompiler::TreeCompiler::is_cheaper_by_cuts() const {
    const Extent& root = extents_[0];
    return root.internal > 0 && root.internal < kMostCuts && 3 * root.internal < root.cost;
}

/// At least five eighths full, so that padding stays below the size of the model itself.
bool BitsliceCompiler::TreeCompiler::is_block(const Extent& extent) {
    return extent.depth >= 2 && extent.depth <= kDeepestBlock &&
           8 * extent.internal >= 5 * ((1u << extent.depth) - 1);
}

BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit(std::uint32_t index,
                                                                            std::uint32_t base) {
    const TreeNode& node = tree_[index];
    if (node.is_leaf()) {
        put_leaf(node, base, 1);
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
    give_back(yes);
    give_back(no);
    const Slot target = take_scratch();
    emit_select(test, yes, no, target);
    return target;
}

void BitsliceCompiler::TreeCompiler::emit_select(Slot test, Slot yes, Slot no, Slot target) {
    std::vector<std::uint16_t>& code = program_.code;
    if (!open_selects_ || code[*open_selects_] == kMostSelects) {
        open_selects_ = code.size();
        code.push_back(0);
    }
    ++code[*open_selects_];
    code.insert(code.end(), {test, yes, no, target});
}

/// Without recursion, from the root down.
BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit_cuts() {
    const std::uint32_t leaves = extents_[0].internal + 1;
    const std::uint32_t cuts = (leaves + 7) / 8 * 8 - 1;
    Planes targets;
    targets.count = static_cast<unsigned>(std::bit_width(leaves - 1));
    std::ranges::generate(std::span(targets.slots).first(targets.count),
                          [&] { return take_scratch(); });
    const std::size_t before = next_scratch_;
    next_scratch_ += cuts;
    most_slots_ = std::max(most_slots_, next_scratch_);
    const auto cut_at = [&](std::uint32_t position) {
        return position == 0        ? kOneSlot
               : position == leaves ? kZeroSlot
                                    : static_cast<Slot>(before + position - 1);
    };
    positions_.assign(tree_.size(), 0);
    for (const std::uint32_t index : order_) {
        const TreeNode& node = tree_[index];
        const std::uint32_t first = positions_[index];
        if (node.is_leaf()) {
            put_leaf(node, first, 1);
            continue;
        }
        const auto left = static_cast<std::size_t>(node.left);
        const auto right = static_cast<std::size_t>(node.right);
        const std::uint32_t middle = first + extents_[left].internal + 1;
        positions_[left] = first;
        positions_[right] = middle;
        emit_select(test_slot(node), cut_at(middle + extents_[right].internal + 1), cut_at(first),
                    cut_at(middle));
    }
    for (std::uint32_t cut = leaves; cut <= cuts; ++cut) {
        emit_select(kZeroSlot, kZeroSlot, kZeroSlot, static_cast<Slot>(before + cut - 1));
    }
    emit_fold(static_cast<Slot>(before), cuts, targets);
    next_scratch_ = before;
    return targets;
}

void BitsliceCompiler::TreeCompiler::emit_fold(Slot first_cut, std::uint32_t cuts,
                                               const Planes& targets) {
    program_.code.insert(program_.code.end(),
                         {kFold, static_cast<std::uint16_t>((cuts + 1) / 8), first_cut,
                          static_cast<std::uint16_t>(targets.count)});
    program_.code.insert(program_.code.end(), targets.begin(), targets.end());
    open_selects_.reset();
}

BitsliceCompiler::TreeCompiler::Planes BitsliceCompiler::TreeCompiler::emit_block(
    std::uint32_t index, std::uint32_t base) {
    const unsigned depth = extents_[index].depth;
    std::array<Slot, (1u << kDeepestBlock) - 1> room{};  // kZeroSlot where a path ends early
    const std::span tests = std::span(room).first((1u << depth) - 1);
    fill_block(index, 0, depth, base, tests);
    Planes targets;
    targets.count = depth;
    std::ranges::generate(std::span(targets.slots).first(depth), [&] { return take_scratch(); });
    program_.code.push_back(static_cast<std::uint16_t>(kBlock + depth));
    program_.code.insert(program_.code.end(), targets.begin(), targets.end());
    program_.code.insert(program_.code.end(), tests.begin(), tests.end());
    open_selects_.reset();
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

Slot BitsliceCompiler::TreeCompiler::take_scratch() {
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
void BitsliceCompiler::TreeCompiler::give_back(Slot slot) {
    if (slot >= first_scratch_) {
        free_scratch_.push_back(slot);
    }
}

std::size_t BitsliceProgram::memory_bytes() const noexcept {
    return code.capacity() * sizeof(std::uint16_t) + code_bits.capacity() * sizeof(Slot) +
           leaves.capacity() * sizeof(std::uint32_t) + trees.capacity() * sizeof(BitsliceTree);
}

BitsliceCompiler::BitsliceCompiler(const CompileOptions& options) : trees_(options.trees) {
    program_.evaluation = options.evaluation;
    program_.tests = options.tests;
    program_.trees.reserve(options.trees);
    if (options.nodes > kLargeProgramNodes) {
        program_.code.reserve(kMostCodeWordsPerNode * options.nodes);
        program_.leaves.reserve((options.evaluation.arithmetic == Arithmetic::float32 ? 2 : 4) *
                                options.nodes);
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
    if (program_.code.size() < kMostCodeWordsPerNode * kLargeProgramNodes) {
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
