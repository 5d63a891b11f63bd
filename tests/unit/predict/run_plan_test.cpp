#include "predict/run_plan.h"

#include "predict/small_world.h"
#include "util/byte_size.h"

namespace erawise {
namespace {

using test::expect_error;
using testing::HasSubstr;
using util::kMiB;

class PlanOfARun : public test::SmallWorld {
  protected:
    PlanOfARun() : decoder_(decode::open_decoder(options_.data, {})) {
        layout_ = decoder_->select(std::vector<std::string>{"feature_a", "feature_b"});
    }
    static MemoryNeeds needs() {
        MemoryNeeds needs;
        needs.resident_bytes = 8 * kMiB;
        needs.decoder_bytes = kMiB;
        needs.predictors = {{.resident_bytes = kMiB}};
        return needs;
    }
    static HeldEra ranked() {
        return {.outputs = {{.name = "a",
                             .members = {{0}},
                             .transforms = {{.kind = output::TransformStep::Kind::rank}}}},
                .models = 1,
                .options = {}};
    }
    static MemoryCap cap_of(std::uint64_t bytes) { return {bytes, "a test", 1}; }

    std::unique_ptr<decode::Decoder> decoder_;
    era::BlockLayout layout_;
};

TEST_F(PlanOfARun, HasRoomForAnEraWhereOneIsHeld) {
    RunPlan holds(needs(), ranked(), cap_of(64 * kMiB));
    holds.make(*decoder_, layout_, stop_);
    EXPECT_GT(holds.needs().held_era_bytes, 0u);
    EXPECT_GE(holds.finisher_options().era_memory_bytes, holds.needs().held_era_bytes);
    HeldEra as_it_comes = ranked();
    as_it_comes.outputs[0].transforms.clear();
    RunPlan passes(needs(), as_it_comes, cap_of(64 * kMiB));
    passes.make(*decoder_, layout_, stop_);
    EXPECT_EQ(passes.needs().held_era_bytes, 0u);
    EXPECT_EQ(passes.needs().writers, 1u);
}

TEST_F(PlanOfARun, IsRefusedWithALimitThatWouldDo) {
    RunPlan plan(needs(), ranked(), cap_of(4 * kMiB));
    EXPECT_THAT(
        expect_error(util::ErrorKind::memory, [&] { plan.make(*decoder_, layout_, stop_); }),
        HasSubstr("would do"));
}

TEST_F(PlanOfARun, RowsThatTakeMoreMakeItAnewUnderTheSameCap) {
    RunPlan plan(needs(), ranked(), cap_of(64 * kMiB));
    plan.make(*decoder_, layout_, stop_);
    const std::size_t before = plan.needs().block_bytes;
    era::BlockLayout wider = layout_;
    wider.add(era::ColumnForm::plain, 0);
    plan.make_anew(*decoder_, wider, 20 * kMiB, stop_);
    EXPECT_EQ(plan.needs().block_bytes, before + era::kBlockRows * sizeof(float));
    EXPECT_EQ(plan.needs().held_era_bytes, 20 * kMiB);
    EXPECT_LE(plan.plan().total_bytes(), 64 * kMiB);
    expect_error(util::ErrorKind::memory,
                 [&] { plan.make_anew(*decoder_, wider, 60 * kMiB, stop_); });
}

TEST_F(PlanOfARun, APlainFeatureOfASetIsHeldAsFloats) {
    HeldEra held = ranked();
    held.options.feature_sets = {{"a", {{"feature_a", 0}}}};
    RunPlan plan(needs(), held, std::nullopt);
    plan.make(*decoder_, layout_, stop_);
    EXPECT_EQ(plan.finisher_options().exposure_form, stats::ExposureForm::levels);
    era::BlockLayout plain;
    plain.add(era::ColumnForm::plain, 0);
    plan.make_anew(*decoder_, plain, 0, stop_);
    EXPECT_EQ(plan.finisher_options().exposure_form, stats::ExposureForm::values);
}

TEST_F(PlanOfARun, WithoutACapTheDecoderTakesAnyPage) {
    RunPlan capped(needs(), ranked(), cap_of(64 * kMiB));
    RunPlan open(needs(), ranked(), std::nullopt);
    EXPECT_EQ(capped.decoder_grant().page_bytes, 0u);
    EXPECT_EQ(open.decoder_grant().page_bytes, UINT64_MAX);
}

}  // namespace
}  // namespace erawise
