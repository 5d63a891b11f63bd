#include "predict/prepared_run.h"

#include <utility>
#include <vector>

#include "predict/data_file.h"
#include "predict/outputs.h"
#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

using util::kKiB;
using util::kMiB;

infer::PredictorFactory make_factory(infer::PredictorOptions options,
                                     const util::StopSignal& stop) {
    options.stop = &stop;
    return infer::PredictorFactory(options);
}

/// Of what is there already, before models are read.
MemoryNeeds first_needs(const PredictionOptions& options, const JoinedFiles& joined) {
    MemoryNeeds needs;
    needs.joined_columns = joined.predictions();
    needs.lookup_bytes = joined.memory_bytes();
    needs.resident_bytes = util::current_rss_bytes();
    needs.threads = options.threads;
    needs.transfer_bytes = options.transfer_bytes;
    needs.decompression_bytes = decode::decompression_memory_bytes(options.data);
    return needs;
}

void add_needs_of_models(MemoryNeeds& needs, const Models& models,
                         const infer::PredictorFactory& factory) {
    needs.forests_bytes = models.forests_bytes;
    for (const UsedModel& model : models.files) {
        needs.predictors.push_back(factory.memory(model.model.description));
    }
}

/// A dictionary that the cap cannot hold is refused before the decoder allocates it. What only the
/// data would tell is taken at its largest, so that the limit that is named does.
void refuse_large_dictionary(MemoryNeeds needs, const Models& models,
                             const infer::PredictorFactory& factory,
                             const std::optional<MemoryCap>& cap) {
    if (!cap || needs.decompression_bytes == 0 ||
        needs.resident_bytes + needs.decompression_bytes <= cap->bytes) {
        return;
    }
    needs.decoder_bytes = kMiB + decode::kReadAheadMemoryBytes;
    for (const UsedModel& model : models.files) {
        const std::size_t features = model.model.description.num_feature;
        needs.block_bytes += features * era::kBlockRows * sizeof(float);
        needs.decoder_bytes += features * kKiB;  // name, dictionary and staged codes
    }
    add_needs_of_models(needs, models, factory);
    plan_memory(needs, cap);
}

/// A decoder without a window is opened again when models are loaded, with read-ahead.
void add_needs_of_decoder(MemoryNeeds& needs, const decode::Decoder& decoder, unsigned threads) {
    if (decoder.window_needs().preferred_bytes == 0) {
        needs.decoder_bytes = decoder.memory_bytes() - needs.decompression_bytes +
                              (threads > 1 ? decode::kReadAheadMemoryBytes : 0);
    }
}

output::EraFinisherOptions finisher_options(const PredictionOptions& options,
                                            const DataSelection& selection, JoinedFiles& joined) {
    output::EraFinisherOptions finisher;
    finisher.feature_sets = selection.feature_sets;
    finisher.joined = joined.values_by_id();
    if (options.score) {
        finisher.target_column = static_cast<std::uint32_t>(selection.features.names().size());
        finisher.fnc_set = options.score->fnc_set;
    }
    if (const JoinedFile* const meta = joined.meta_model()) {
        finisher.meta_model = joined.predictions();
        finisher.contribution = contribution_kind(meta->source.file, meta->values.column());
    }
    return finisher;
}

}  // namespace

/// A decoder with a window has done much of its work when it was looked at, and stays open; others
/// hold most of their memory, and are closed while models are loaded.
PreparedRun prepare_run(const PredictionOptions& options, std::span<const PredictionTask> tasks,
                        TaskSlots& slots, const util::StopSignal& stop) {
    JoinedFiles joined(tasks, slots, options.score ? options.score->meta_model : std::nullopt);
    infer::PredictorFactory factory = make_factory(options.predictor, stop);
    MemoryNeeds needs = first_needs(options, joined);
    Models read = read_models(list_models(tasks, slots), slots, stop);
    refuse_large_dictionary(needs, read, factory, options.cap);

    const bool hold_eras = describe_outputs(tasks, slots, read, joined, options).hold_eras();
    const era::EraOrder order = hold_eras ? era::EraOrder::grouped : era::EraOrder::any;
    auto decoder = open_for_a_look(options, order);
    MatchedColumns matched =
        match_columns(std::move(read), tasks, slots, options,
                      {.file = options.data.string(), .names = decoder->column_names()});
    const era::BlockLayout& layout =
        decoder->select(matched.selection.features.names(), matched.selection.numbers);

    add_needs_of_models(needs, matched.models, factory);
    add_needs_of_decoder(needs, *decoder, options.threads);
    RunPlan plan(
        std::move(needs),
        {.outputs = describe_outputs(tasks, slots, matched.models, joined, options).outputs,
         .models = matched.models.files.size(),
         .options = finisher_options(options, matched.selection, joined)},
        options.cap);
    plan.make(*decoder, layout, stop);
    if (!plan.needs().decoder_stays_open) {
        decoder.reset();
    }
    return {.joined = std::move(joined),
            .factory = std::move(factory),
            .models = std::move(matched.models),
            .selection = std::move(matched.selection),
            .order = order,
            .plan = std::move(plan),
            .decoder = std::move(decoder)};
}

}  // namespace erawise
