#include "infer/bitslice/test_table.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>
#include <vector>

namespace erawise::infer {
namespace {

/// Numbers in the order of the thresholds, the same for both zeros.
std::uint32_t rank_of(float threshold) {
    constexpr std::uint32_t kSign = 0x8000'0000;
    const auto bits = std::bit_cast<std::uint32_t>(threshold == 0 ? 0.0F : threshold);
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
}

/// Column, threshold, flags: in this order, as two numbers.
std::pair<std::uint64_t, unsigned> key_of(const SplitTest& test) {
    return {std::uint64_t{test.column} << 32 | rank_of(test.threshold),
            (test.or_equal ? 4u : 0u) | (test.default_left ? 2u : 0u) |
                (test.zero_is_missing ? 1u : 0u)};
}

}  // namespace

bool comes_before(const SplitTest& a, const SplitTest& b) noexcept {
    return key_of(a) < key_of(b);
}

SplitTest test_of(const TreeNode& split, std::uint32_t column) noexcept {
    return {.column = column,
            .threshold = split.value,
            .default_left = split.default_left != 0,
            .zero_is_missing = split.zero_is_missing != 0,
            .or_equal = split.or_equal != 0};
}

namespace {

void sort_and_drop_doubles(std::vector<SplitTest>& tests) {
    std::ranges::sort(tests, {}, key_of);
    const auto rest = std::ranges::unique(tests, {}, key_of);
    tests.erase(rest.begin(), rest.end());
}

TestTable to_table(std::vector<SplitTest> tests) {
    TestTable table;
    table.tests = std::move(tests);
    table.tests.shrink_to_fit();
    for (std::uint32_t test = 0; test < table.tests.size(); ++test) {
        if (test == 0 || table.tests[test - 1].column != table.tests[test].column) {
            table.columns.push_back({table.tests[test].column, test, 0});
        }
        ++table.columns.back().test_count;
    }
    return table;
}

}  // namespace

TestTable make_test_table(std::span<const ForestUse> forests) {
    std::vector<SplitTest> tests;
    for (const ForestUse& use : forests) {
        for (std::uint32_t i = 0; i < use.forest->begins[use.trees]; ++i) {
            if (const TreeNode& node = use.forest->nodes[i]; !node.is_leaf()) {
                tests.push_back(test_of(node, use.columns[node.feature]));
            }
        }
        sort_and_drop_doubles(tests);  // what is alike need not wait for the other forests
    }
    return to_table(std::move(tests));
}

TestTable make_test_table(std::span<const TreeNode> splits,
                          std::span<const std::uint32_t> columns) {
    std::vector<SplitTest> tests;
    for (const TreeNode& split : splits) {
        tests.push_back(test_of(split, columns[split.feature]));
    }
    sort_and_drop_doubles(tests);
    return to_table(std::move(tests));
}

}  // namespace erawise::infer
