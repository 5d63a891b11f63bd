#include "predict/run_plan.h"

#include <algorithm>
#include <utility>

namespace erawise {
namespace {

/// An era of usual size: Numerai's have 4000 to 7000 rows.
constexpr std::size_t kUsualEraRows = 7168;

}  // namespace

RunPlan::RunPlan(MemoryNeeds needs, HeldEra held, std::optional<MemoryCap> cap)
    : needs_(std::move(needs)), held_(std::move(held)), cap_(std::move(cap)) {
    needs_.writers = held_.outputs.size();
}

void RunPlan::make(decode::Decoder& decoder, const era::BlockLayout& layout,
                   const util::StopSignal& stop) {
    take_rows(decoder, layout);
    if (cap_ && least_memory_bytes(needs_) > cap_->bytes) {
        take_rows(decoder, decoder.survey(stop));
        refuse_memory(needs_, *cap_);
    }
    plan_ = plan_memory(needs_, cap_);
}

void RunPlan::make_anew(decode::Decoder& decoder, const era::BlockLayout& layout,
                        std::uint64_t held_bytes, const util::StopSignal& stop) {
    needs_.held_era_bytes = std::max(needs_.held_era_bytes, held_bytes);
    make(decoder, layout, stop);
}

decode::MemoryGrant RunPlan::decoder_grant() const noexcept {
    return {.window_bytes = plan_.window_bytes, .page_bytes = cap_ ? 0 : UINT64_MAX};
}

output::EraFinisherOptions RunPlan::finisher_options() const {
    output::EraFinisherOptions options = held_.options;
    options.era_memory_bytes = plan_.era_memory_bytes;
    return options;
}

/// What the decoder and what holds rows take, by what it has seen of them. Decoders without a
/// window take the same whatever their rows are like.
void RunPlan::take_rows(const decode::Decoder& decoder, const era::BlockLayout& layout) {
    const decode::WindowNeeds window = decoder.window_needs();
    needs_.block_bytes = layout.block_bytes;
    needs_.window_bytes = window.preferred_bytes;
    needs_.least_window_bytes = window.minimum_bytes;
    needs_.decoder_stays_open = window.preferred_bytes > 0;
    if (needs_.decoder_stays_open) {
        needs_.decoder_bytes = decoder.memory_bytes();
    }
    note_forms(layout);
    needs_.held_era_bytes = std::max(
        needs_.held_era_bytes, output::EraFinisher::expected_bytes(held_.outputs, held_.models,
                                                                   held_.options, kUsualEraRows));
}

void RunPlan::note_forms(const era::BlockLayout& layout) {
    for (const auto& [name, features] : held_.options.feature_sets) {
        for (const stats::FeatureColumn& feature : features) {
            if (layout.columns[feature.column].form == era::ColumnForm::plain) {
                held_.options.exposure_form = stats::ExposureForm::values;
            }
        }
    }
}

}  // namespace erawise
