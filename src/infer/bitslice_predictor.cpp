#include "infer/bitslice_predictor.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "infer/bitslice_kernels.h"

namespace erawise::infer {
namespace {

/// Which of a column's codes answer a test with yes.
std::uint16_t yes_codes_of(const SplitTest& test, const era::Levels& levels) {
    unsigned codes = 0;
    for (unsigned code = 0; code < levels.count; ++code) {
        const float x = levels.values[code];
        const bool yes = std::isnan(x) ? test.default_left : x < test.threshold;
        codes |= (yes ? 1u : 0u) << code;
    }
    return static_cast<std::uint16_t>(codes);
}

bool same_levels(const era::Levels& a, const era::Levels& b) {
    const auto bits = [](float x) { return std::bit_cast<std::uint32_t>(x); };
    return std::ranges::equal(a.span(), b.span(), {}, bits, bits);
}

class BitsliceWorkspace final : public Workspace {
  public:
    BitsliceWorkspace(const BitsliceProgram& program, std::size_t features)
        : slots(program.slots * kSlotBytes),
          margins(era::kBlockRows * sizeof(float)),
          levels(features),
          yes_codes(program.tests.size()) {}

    era::AlignedBytes slots;
    era::AlignedBytes margins;
    std::vector<era::Levels> levels;  ///< for which yes_codes was computed, per tested feature
    std::vector<std::uint16_t> yes_codes;
};

class BitslicePredictor final : public Predictor {
  public:
    BitslicePredictor(BitsliceProgram program, const std::vector<std::uint32_t>& columns)
        : program_(std::move(program)) {
        for (std::uint32_t test = 0; test < program_.tests.size(); ++test) {
            const std::uint32_t feature = program_.tests[test].feature;
            if (test == 0 || program_.tests[test - 1].feature != feature) {
                features_.push_back({columns[feature], test, 0});
            }
            ++features_.back().test_count;
        }
    }

    [[nodiscard]] std::string_view engine() const noexcept override { return "bitsliced"; }

    [[nodiscard]] std::string_view kernel() const noexcept override {
        return bitslice_kernel_name();
    }

    [[nodiscard]] std::unique_ptr<Workspace> make_workspace() const override {
        return std::make_unique<BitsliceWorkspace>(program_, features_.size());
    }

    void predict(const era::EraBatch& batch, std::size_t block, Workspace& workspace,
                 std::span<float> predictions) const override;

  private:
    void update_yes_codes(const era::EraBatch& batch, BitsliceWorkspace& work) const;

    BitsliceProgram program_;
    std::vector<FeatureTests> features_;
};

void BitslicePredictor::predict(const era::EraBatch& batch, std::size_t block, Workspace& workspace,
                                std::span<float> predictions) const {
    auto& work = static_cast<BitsliceWorkspace&>(workspace);
    update_yes_codes(batch, work);
    auto* const margins = reinterpret_cast<float*>(work.margins.data());
    evaluate_bitslice({.program = &program_,
                       .features = features_,
                       .yes_codes = work.yes_codes,
                       .batch = &batch,
                       .block = block},
                      work.slots.data(), margins);
    const std::size_t rows = batch.rows_in_block(block);
    std::transform(margins, margins + rows, predictions.begin(),
                   [&](float margin) { return apply_link(program_.link, margin); });
}

/// Levels hardly ever change from batch to batch, so this is a comparison most of the time.
void BitslicePredictor::update_yes_codes(const era::EraBatch& batch,
                                         BitsliceWorkspace& work) const {
    for (std::size_t f = 0; f < features_.size(); ++f) {
        const FeatureTests& feature = features_[f];
        const era::Levels& levels = batch.levels[feature.column];
        if (levels.count == 0 || same_levels(levels, work.levels[f])) {
            continue;
        }
        work.levels[f] = levels;
        for (std::uint32_t t = 0; t < feature.test_count; ++t) {
            const std::uint32_t test = feature.first_test + t;
            work.yes_codes[test] = yes_codes_of(program_.tests[test], levels);
        }
    }
}

}  // namespace

std::unique_ptr<Predictor> make_bitslice_predictor(BitsliceProgram program,
                                                   const std::vector<std::uint32_t>& columns) {
    return std::make_unique<BitslicePredictor>(std::move(program), columns);
}

/// A forest takes 16 bytes per node. Its program takes 9 per node in complete trees of depth 5, 12
/// in irregular ones, and twice that while it grows.
PredictorMemory bitslice_predictor_memory(const ModelDescription& model) {
    const std::uint64_t program = 16 * model.nodes + 64 * model.trees;
    const std::uint64_t scratch = 256;  // slots: a tree of 16 levels needs at most 137
    return {
        .while_loading_bytes = 16 * model.nodes + 2 * program + 64 * model.distinct_tests,
        .resident_bytes = program + sizeof(SplitTest) * model.distinct_tests,
        .workspace_bytes =
            (model.distinct_tests + scratch) * kSlotBytes + model.num_feature * sizeof(era::Levels),
    };
}

}  // namespace erawise::infer
