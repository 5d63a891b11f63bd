#include "infer/engines/checked_predictor.h"

#include <algorithm>

#include "infer/engines/engine.h"
#include "infer/engines/self_check.h"
#include "infer/formats/model_reader.h"
#include "infer/random_forests.h"
#include "infer/xgboost_json.h"
#include "support/expect_error.h"
#include "support/temporary_folder.h"

namespace erawise::infer {
namespace {

using test::expect_error;
using testing::HasSubstr;

class NoWorkspace final : public Workspace {
  public:
    void load(const era::EraBatch& /*batch*/, std::size_t /*block*/) override {}
};

class ConstantPredictor final : public Predictor {
  public:
    explicit ConstantPredictor(double value) : value_(value) {}
    [[nodiscard]] std::string_view engine() const noexcept override { return "constant"; }
    [[nodiscard]] std::shared_ptr<Workspace> make_workspace(
        std::span<const std::shared_ptr<Workspace>> /*others*/) const override {
        return std::make_shared<NoWorkspace>();
    }
    void predict(Workspace& /*workspace*/, std::span<double> predictions) const override {
        std::ranges::fill(predictions, value_);
    }

  private:
    double value_;
};

void predict_first_block(double value, double reference) {
    const auto checked =
        make_checked_predictor(std::make_unique<ConstantPredictor>(value),
                               std::make_unique<ConstantPredictor>(reference), "m.ubj");
    const auto workspace = checked->make_workspace();
    const era::EraBatch batch = test::random_rows(3, 1, 1);
    workspace->load(batch, 0);
    std::vector<double> predictions(era::kBlockRows);
    checked->predict(*workspace, predictions);
    EXPECT_EQ(predictions[2], value);
}

TEST(CheckedPredictor, PassesOnWhatIsTheSame) {
    predict_first_block(0.5F, 0.5F);
}

TEST(CheckedPredictor, ADifferentBitIsABug) {
    const std::string message =
        expect_error(util::ErrorKind::bug, [] { predict_first_block(0.5F, 0.50000006F); });
    EXPECT_THAT(message, HasSubstr("m.ubj: self-check failed: row 0"));
    EXPECT_THAT(message, HasSubstr("--engine xgboost"));
}

TEST(CheckedPredictor, ZerosOfDifferentSignAreNotTheSameBits) {
    expect_error(util::ErrorKind::bug, [] { predict_first_block(0.0F, -0.0F); });
}

TEST(SelfCheck, ComparesRowsAroundTheThresholds) {
    const test::TemporaryFolder folder;
    const Forest forest = test::random_forest({.trees = 30, .leaves = 50}, 7);
    const ModelDescription model =
        read_model_description(folder.write("m.json", test::xgboost_json(forest)));
    EXPECT_THAT(check_against_reference(model), HasSubstr("512 rows around its thresholds"));
}

TEST(PredictorFactory, ASelfCheckedModelIsBitslicedAndItsMemoryCountsBoth) {
    const test::TemporaryFolder folder;
    const Forest forest = test::random_forest({.trees = 30}, 7);
    ModelToLoad model;
    model.description = read_model_description(folder.write("m.json", test::xgboost_json(forest)));
    model.columns = {0, 1, 2, 3, 4, 5, 6, 7};
    PredictorFactory checking({.self_check = SelfCheck::on});
    EXPECT_GT(checking.memory(model.description).resident_bytes,
              PredictorFactory({}).memory(model.description).resident_bytes);
    const auto predictor = checking.make(model, nullptr);
    EXPECT_EQ(predictor->engine(), "bitsliced");
    const auto workspace = predictor->make_workspace();
    const era::EraBatch batch = test::random_rows(512, 8, 1);
    std::vector<double> predictions(era::kBlockRows);
    workspace->load(batch, 0);
    EXPECT_NO_THROW(predictor->predict(*workspace, predictions));
}

}  // namespace
}  // namespace erawise::infer
