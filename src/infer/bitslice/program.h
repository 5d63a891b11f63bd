#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "infer/forest.h"
#include "infer/model_description.h"

namespace erawise::infer {

/// A question that trees ask of a row: is `x < threshold`, or `x <= threshold` with `or_equal`? A
/// missing value answers `default_left`, and so does zero where it is missing.
struct SplitTest {
    std::uint32_t column = 0;  ///< of the batch
    float threshold = 0;
    bool default_left = false;
    bool zero_is_missing = false;
    bool or_equal = false;

    bool operator==(const SplitTest&) const = default;
};

/// The tests of one column.
struct ColumnTests {
    std::uint32_t column = 0;
    std::uint32_t first_test = 0;
    std::uint32_t test_count = 0;
};

/// All different questions of one or more forests, each once: all trees share the answers. On
/// five-valued features a forest has at most four per feature and way of the missing.
struct TestTable {
    std::vector<SplitTest> tests;  ///< by column, threshold and default
    std::vector<ColumnTests> columns;

    [[nodiscard]] std::size_t memory_bytes() const noexcept {
        return tests.capacity() * sizeof(SplitTest) + columns.capacity() * sizeof(ColumnTests);
    }
};

/// Trees of a forest, and for each feature of the forest its column in the batches.
struct ForestUse {
    const Forest* forest = nullptr;
    std::size_t trees = 0;  ///< the first so many
    std::span<const std::uint32_t> columns;
};

TestTable make_test_table(std::span<const ForestUse> forests);

/// The same for the different tests of one model: splits, in any order.
TestTable make_test_table(std::span<const TreeNode> splits, std::span<const std::uint32_t> columns);

/// A slot is a bit plane of a block: 512 rows, 64 bytes. Slots stand one after the other and are
/// named by their index.
inline constexpr std::uint32_t kSlotBytes = 64;
using Slot = std::uint16_t;

inline constexpr Slot kZeroSlot = 0;       ///< all rows 0
inline constexpr Slot kOneSlot = 1;        ///< all rows 1
inline constexpr Slot kFirstTestSlot = 2;  ///< the answer of each test follows, then scratch

/// The code of a program is a stream of 16-bit words:
///
///     n, then n x {test, yes, no, target}     select: target = test ? yes : no, for each row
///     kBlock + d, d targets, 2^d - 1 tests    a subtree of depth d that is (nearly) complete: its
///                                             tests in heap order give the d bits of the code,
///                                             lowest first; an answer "yes" is a 1
///     kFold, n, first cut, b, b targets       cuts 1 to 8n - 1 (bitslice_cuts.h) stand one after
///                                             the other: each row's number of cuts that it is
///                                             behind, b bits, lowest first
///     kTreelets, bit 0, bit 1, n, m,          what treelets add to the code: targets; n treelets
///       n x {cut, cut, test},                 of one level and m of two, as blocks; their rows
///       m x {cut, cut, 3 tests}               are those behind the first cut, not the second
///     kTreeletBlocks, 5 targets, n,           the same for treelets of up to kDeepestBlock levels,
///       n x {cut, cut, 31 tests}              all of them as blocks of that depth
///
/// Blocks and treelets are evaluated in registers; selects go through memory, and are for what is
/// irregular.
inline constexpr std::uint16_t kBlock = 0xFF00;
inline constexpr std::uint16_t kFold = 0xFF10;
inline constexpr std::uint16_t kTreelets = 0xFF11;
inline constexpr std::uint16_t kTreeletBlocks = 0xFF12;
inline constexpr std::uint16_t kMostSelects = 0xFEFF;
inline constexpr unsigned kDeepestBlock = 5;
inline constexpr std::size_t kCutsPerGroup = 8;

/// Trees of more cuts are evaluated by selects and blocks from the leaves up: slots have numbers of
/// 16 bits, and kMostTests are for tests.
inline constexpr std::uint32_t kMostCuts = 4096;

/// Trees are evaluated in groups: a row's sum stays in a register while the leaves of a group are
/// added to it, tree by tree.
inline constexpr std::size_t kTreesPerGroup = 4;

/// One tree: its code computes the bits of each row's leaf code, lowest first; the leaf code then
/// finds the leaf's value in a table.
struct BitsliceTree {
    std::uint32_t first_word = 0;  ///< in BitsliceProgram::code
    std::uint32_t word_count = 0;
    std::uint32_t first_bit = 0;  ///< in BitsliceProgram::code_bits
    std::uint32_t bit_count = 0;
    std::uint32_t first_leaf = 0;  ///< in BitsliceProgram::leaves
    std::uint32_t leaf_count = 0;  ///< codes that the tree takes
};

/// A forest as straight-line code on bit planes. Immutable, shared by threads.
///
/// Limits: leaf tables have gaps where a tree is irregular; a chain of n leaves costs up to log2(n)
/// selects per node where a balanced tree costs two.
struct BitsliceProgram {
    std::shared_ptr<const TestTable> tests;  ///< the answer of test i has slot 2 + i
    std::vector<std::uint16_t> code;
    std::vector<Slot> code_bits;
    /// What each code of a tree adds, in 32-bit words: float32 numbers; or the low words of float64
    /// numbers, then the high ones; or, for more than kMostCodesInRegisters, float64 numbers as
    /// they are. Then as much padding as the widest table look-up reads.
    std::vector<std::uint32_t> leaves;
    std::vector<BitsliceTree> trees;
    std::uint32_t slots = 2;  ///< constants, tests and scratch
    Evaluation evaluation;

    /// Without the tests, which other programs may share.
    [[nodiscard]] std::size_t memory_bytes() const noexcept;
};

/// Trees of more codes look their leaves up in memory.
inline constexpr std::uint32_t kMostCodesInRegisters = 64;

/// Table look-ups of up to 256 words read less than this many behind the leaves of a tree.
inline constexpr std::size_t kLeafPadding = 128;

/// What a compiler has to know beside the trees.
struct CompileOptions {
    Evaluation evaluation;
    std::span<const std::uint32_t> columns;  ///< of the batches, for each feature
    std::shared_ptr<const TestTable> tests;  ///< kMostTests at most, those of the trees among them
    std::size_t trees = 0;                   ///< takes the first so many
    std::uint64_t nodes = 0;                 ///< that are to come, so that room is made once
};

/// Compiles trees one after the other, so that they need not be in memory together. Time and memory
/// are linear in nodes.
class BitsliceCompiler final : public TreeSink {
  public:
    explicit BitsliceCompiler(const CompileOptions& options);
    ~BitsliceCompiler() override;

    /// Error(model) for a tree whose codes take more than 16 bits.
    void take(const Tree& tree) override;

    BitsliceProgram finish();

  private:
    class TreeCompiler;

    BitsliceProgram program_;
    std::size_t trees_;
    bool keeps_room_;  ///< kLargeProgramNodes
    std::unique_ptr<TreeCompiler> compiler_;
};

/// Compiles the trees of a forest.
BitsliceProgram compile_bitslice(const ForestUse& use, std::shared_ptr<const TestTable> tests);

/// Programs of more nodes keep the room that was made for them at first: a copy would take as much
/// again, and pages that nothing was written to take no memory.
inline constexpr std::uint64_t kLargeProgramNodes = 2'000'000;

}  // namespace erawise::infer
