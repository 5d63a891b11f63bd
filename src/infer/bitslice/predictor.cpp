#include "infer/bitslice/predictor.h"

#include <algorithm>
#include <cstring>

#include "infer/bitslice/kernels.h"

namespace erawise::infer {
namespace {

/// Which of a column's codes answer a test with yes.
std::uint16_t yes_codes_of(const SplitTest& test, const era::Levels& levels) {
    TreeNode split{.value = test.threshold};
    split.default_left = test.default_left ? 1 : 0;
    split.zero_is_missing = test.zero_is_missing ? 1 : 0;
    split.or_equal = test.or_equal ? 1 : 0;
    unsigned codes = 0;
    for (unsigned code = 0; code < levels.count; ++code) {
        const bool yes = goes_left(split, levels.values[code]);
        codes |= (yes ? 1u : 0u) << code;
    }
    return static_cast<std::uint16_t>(codes);
}

bool same_levels(const era::Levels& a, const era::Levels& b) {
    return a.count == b.count &&
           std::memcmp(a.values.data(), b.values.data(), a.count * sizeof(float)) == 0;
}

/// The answers to a table's tests for one block, for every program that shares the table.
class BitsliceWorkspace final : public Workspace {
  public:
    explicit BitsliceWorkspace(std::shared_ptr<const TestTable> table)
        : tests(std::move(table)),
          sums(era::kBlockRows * sizeof(double)),
          levels_(tests->columns.size()),
          yes_codes_(tests->tests.size()) {}

    /// A program needs so many slots: constants and tests, and its scratch.
    void make_room(std::uint32_t count) {
        if (slots.size() < count * kSlotBytes) {
            slots = era::AlignedBytes(count * kSlotBytes);
        }
    }

    void load(const era::EraBatch& batch, std::size_t block) override {
        update_yes_codes(batch);
        answer_tests(
            {.tests = tests.get(), .yes_codes = yes_codes_, .batch = &batch, .block = block},
            slots.data());
        rows = batch.rows_in_block(block);
    }

    std::shared_ptr<const TestTable> tests;
    era::AlignedBytes slots;
    era::AlignedBytes sums;  ///< float32 or float64, as the program has it
    std::size_t rows = 0;

  private:
    void update_yes_codes(const era::EraBatch& batch);

    std::vector<era::Levels> levels_;  ///< for which yes_codes_ was computed, per tested column
    std::vector<std::uint16_t> yes_codes_;
};

/// Levels hardly ever change from batch to batch, so this is a comparison most of the time.
void BitsliceWorkspace::update_yes_codes(const era::EraBatch& batch) {
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        const ColumnTests& column = tests->columns[i];
        const era::Levels& levels = batch.levels[column.column];
        if (levels.count == 0 || same_levels(levels, levels_[i])) {
            continue;
        }
        levels_[i] = levels;
        for (std::uint32_t t = column.first_test; t < column.first_test + column.test_count; ++t) {
            yes_codes_[t] = yes_codes_of(tests->tests[t], levels);
        }
    }
}

class BitslicePredictor final : public Predictor {
  public:
    explicit BitslicePredictor(BitsliceProgram program) : program_(std::move(program)) {}

    [[nodiscard]] std::string_view engine() const noexcept override { return "bitsliced"; }

    [[nodiscard]] std::string_view kernel() const noexcept override {
        return bitslice_kernel_name();
    }

    [[nodiscard]] Arithmetic arithmetic() const noexcept override {
        return program_.evaluation.arithmetic;
    }

    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> others) const override {
        for (const auto& other : others) {
            const auto shared = std::dynamic_pointer_cast<BitsliceWorkspace>(other);
            if (shared && shared->tests == program_.tests) {
                shared->make_room(program_.slots);
                return shared;
            }
        }
        auto workspace = std::make_shared<BitsliceWorkspace>(program_.tests);
        workspace->make_room(program_.slots);
        return workspace;
    }

    void predict(Workspace& workspace, std::span<double> predictions) const override {
        auto& work = static_cast<BitsliceWorkspace&>(workspace);
        const Evaluation& evaluation = program_.evaluation;
        if (evaluation.arithmetic == Arithmetic::float32) {
            auto* const margins = reinterpret_cast<float*>(work.sums.data());
            evaluate_program(program_, work.slots.data(), margins);
            std::transform(margins, margins + work.rows, predictions.begin(),
                           [&](float margin) { return apply_link(evaluation.link, margin); });
        } else {
            auto* const sums = reinterpret_cast<double*>(work.sums.data());
            evaluate_program(program_, work.slots.data(), sums);
            std::transform(sums, sums + work.rows, predictions.begin(),
                           [&](double sum) { return finish_sum(evaluation, sum); });
        }
    }

  private:
    BitsliceProgram program_;
};

}  // namespace

std::unique_ptr<Predictor> make_bitslice_predictor(BitsliceProgram program) {
    return std::make_unique<BitslicePredictor>(std::move(program));
}

std::unique_ptr<Predictor> make_bitslice_predictor(const ForestUse& use) {
    return make_bitslice_predictor(compile_bitslice(
        use, std::make_shared<const TestTable>(make_test_table(std::span(&use, 1)))));
}

/// Measured at 0.1 MiB beyond the rest of the plan.
constexpr std::uint64_t kLeftOverBytes = 512 * 1024;

/// A forest takes 16 bytes per node, and 8 per float64 leaf. Its program takes 5 to 6 per node in
/// complete trees of depth 5 and up to 10 in irregular ones, and up to 4 more with float64 leaves.
/// Small programs are copied once, when their size is known.
PredictorMemory bitslice_predictor_memory(const ModelDescription& model) {
    const bool is_float64 = model.format == ModelFormat::lightgbm;
    // Trees that may be too large for cuts may have more codes than two per leaf.
    const std::uint64_t gaps = model.max_leaves > kMostCuts ? (is_float64 ? 8 : 4) : 0;
    const std::uint64_t program = ((is_float64 ? 16 : 12) + gaps) * model.nodes + 64 * model.trees;
    const std::uint64_t forest = (is_float64 ? 24 : 16) * model.nodes;
    const bool is_large = model.nodes > kLargeProgramNodes;
    // What compiling a large model from its text leaves in the allocator.
    const std::uint64_t left_over = is_large ? kLeftOverBytes : 0;
    // Slots: a tree of 16 levels needs at most 137 for selects, other trees one per cut.
    const std::uint64_t scratch = 256 + std::min<std::uint64_t>(model.max_leaves, kMostCuts);
    return {
        .while_loading_bytes = (is_large ? 1 : 2) * program + (is_large ? 0 : forest) + left_over +
                               64 * model.distinct_tests,
        .resident_bytes = program + left_over + sizeof(SplitTest) * model.distinct_tests,
        .workspace_bytes =
            (model.distinct_tests + scratch) * kSlotBytes + model.num_feature * sizeof(era::Levels),
    };
}

}  // namespace erawise::infer
