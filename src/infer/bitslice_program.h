#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "infer/forest.h"

namespace erawise::infer {

/// A question that trees ask of a row: is `x < threshold`? A missing value answers `default_left`.
struct SplitTest {
    std::uint32_t column = 0;  ///< of the batch
    float threshold = 0;
    bool default_left = false;

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

/// A slot is a bit plane of a block: 512 rows, 64 bytes. Slots stand one after the other and are
/// named by their index.
inline constexpr std::uint32_t kSlotBytes = 64;
using Slot = std::uint16_t;

inline constexpr Slot kZeroSlot = 0;       ///< all rows 0
inline constexpr Slot kOneSlot = 1;        ///< all rows 1
inline constexpr Slot kFirstTestSlot = 2;  ///< the answer of each test follows, then scratch

/// Tests that a table can have for its slots to have numbers: Numerai's features make less than
/// 30,000. The rest is scratch.
inline constexpr std::size_t kMostTests = 60'000;

/// The code of a program is a stream of 16-bit words:
///
///     n, then n x {test, yes, no, target}     select: target = test ? yes : no, for each row
///     kBlock + d, d targets, 2^d - 1 tests    a subtree of depth d that is (nearly) complete: its
///                                             tests in heap order give the d bits of the code,
///                                             lowest first; an answer "yes" is a 1
///
/// A block is evaluated in registers; selects go through memory, and are for what is irregular.
inline constexpr std::uint16_t kBlock = 0xFF00;
inline constexpr std::uint16_t kMostSelects = 0xFEFF;
inline constexpr unsigned kDeepestBlock = 5;

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
};

/// A forest as straight-line code on bit planes. Immutable, shared by threads.
///
/// Limits: leaf tables have gaps where a tree is irregular; a chain of n leaves costs up to log2(n)
/// selects per node where a balanced tree costs two.
struct BitsliceProgram {
    std::shared_ptr<const TestTable> tests;  ///< the answer of test i has slot 2 + i
    std::vector<std::uint16_t> code;
    std::vector<Slot> code_bits;
    std::vector<float> leaves;  ///< and as much padding as the widest table look-up reads
    std::vector<BitsliceTree> trees;
    std::uint32_t slots = 2;  ///< constants, tests and scratch
    float base_margin = 0;
    Link link = Link::identity;

    /// Without the tests, which other programs may share.
    [[nodiscard]] std::size_t memory_bytes() const noexcept;
};

/// Table look-ups read this many floats from the first leaf of a tree on.
inline constexpr std::size_t kLeafPadding = 64;

/// Compiles trees whose tests are in the table, which has at most kMostTests. Time and memory are
/// linear in nodes.
BitsliceProgram compile_bitslice(const ForestUse& use, std::shared_ptr<const TestTable> tests);

}  // namespace erawise::infer
