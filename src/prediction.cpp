#include "prediction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <set>

#include "decode/decoder.h"
#include "infer/feature_match.h"
#include "infer/feature_sets.h"
#include "infer/model_reader.h"
#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

using util::kKiB;
using util::kMiB;

/// Model files up to this size in all are read once: their trees wait in memory until the data's
/// columns are known. A 2000-tree model has 5.4 MiB as .ubj, and its trees 2 MiB.
constexpr std::uint64_t kForestFileBytes = 16 * kMiB;

/// Under a smaller cap nothing runs; the data is looked at as if it were this, for the number that
/// the error names.
constexpr std::uint64_t kSmallestCap = 16 * kMiB;

/// A task whose model was read: what it needs from the data.
struct PreparedModel {
    PredictionTask* task;
    infer::ModelToLoad model;
    std::unique_ptr<infer::Predictor> predictor = nullptr;
    std::unique_ptr<output::PredictionWriter> writer = nullptr;
};

/// Runs one task's part. Its error stays with the task.
template <typename Body>
void isolate(PredictionTask& task, Body&& body) {
    try {
        util::with_context(task.name, std::forward<Body>(body));
    } catch (const util::Error& error) {
        if (error.kind() == util::ErrorKind::cancelled) {
            throw;
        }
        task.error = error;
    }
}

/// Takes away the models whose task failed. Throws when none is left.
void drop_failed(std::vector<PreparedModel>& models, const std::vector<PredictionTask>& tasks) {
    std::erase_if(models, [](const PreparedModel& model) { return model.task->error.has_value(); });
    if (models.empty()) {
        const auto failed = std::ranges::find_if(
            tasks, [](const PredictionTask& task) { return task.error.has_value(); });
        if (failed != tasks.end()) {
            throw *failed->error;
        }
    }
}

infer::PredictorOptions stopped_by(const util::StopSignal& stop, infer::PredictorOptions options) {
    options.stop = &stop;
    return options;
}

/// Everything that is known before the first row.
class Preparation {
  public:
    Preparation(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                const util::StopSignal& stop)
        : options_(options),
          tasks_(tasks),
          stop_(stop),
          factory_(stopped_by(stop, options.predictor)) {
        needs_.resident_bytes = util::current_rss_bytes();
        needs_.threads = options.threads;
        needs_.transfer_bytes = options.transfer_bytes;
        needs_.decompression_bytes = decode::decompression_memory_bytes(options.data);
        read_models();
        look_at_data();
        plan_ = plan_memory(needs_, options.cap);
    }

    [[nodiscard]] const MemoryPlan& plan() const { return plan_; }
    [[nodiscard]] std::size_t features() const { return features_.names().size(); }

    PredictionResult run(const ProgressCallback& progress);

  private:
    void read_models();
    void look_at_data();
    void refuse_large_dictionary() const;
    void add_needs_of_models(MemoryNeeds& needs) const;
    void match_features(const std::vector<std::string>& columns);
    void load_predictors();
    StreamResult stream(const ProgressCallback& progress);
    [[nodiscard]] decode::DecodeOptions decode_options() const;
    [[nodiscard]] bool any_ranked() const;

    const PredictionOptions& options_;
    std::vector<PredictionTask>& tasks_;
    const util::StopSignal& stop_;
    infer::PredictorFactory factory_;
    infer::FeatureUnion features_;
    std::vector<PreparedModel> models_;
    std::unique_ptr<decode::Decoder> decoder_;  ///< open since the data was looked at
    MemoryNeeds needs_;
    MemoryPlan plan_;
};

/// Trees are kept from this reading on while they are small, so that few files are read twice.
void Preparation::read_models() {
    std::uint64_t room = kForestFileBytes;
    for (PredictionTask& task : tasks_) {
        isolate(task, [&] {
            infer::Model read = infer::read_model(task.model, room, &stop_);
            if (read.forest) {
                room -= std::min(room, read.description.file_bytes);
                needs_.forests_bytes += read.forest->nodes.size() * sizeof(infer::TreeNode) +
                                        read.forest->leaves.size() * sizeof(double);
            }
            models_.push_back({&task, {std::move(read.description), std::move(read.forest), {}}});
        });
    }
    drop_failed(models_, tasks_);
}

void Preparation::match_features(const std::vector<std::string>& columns) {
    std::vector<std::string> data_features;
    std::ranges::copy_if(columns, std::back_inserter(data_features), decode::is_feature_name);
    std::vector<std::string> chosen;
    if (!options_.feature_set.empty()) {
        chosen = infer::read_feature_set(options_.features_file, options_.feature_set);
    }
    for (PreparedModel& model : models_) {
        isolate(*model.task, [&] {
            const std::vector<std::string> names = infer::feature_names_of(
                model.model.description,
                model.task->features.empty() ? chosen : model.task->features, data_features);
            infer::require_features(model.model.description, names, columns,
                                    options_.data.string());
            model.model.columns = features_.add(names);
        });
    }
    drop_failed(models_, tasks_);
}

/// A dictionary that the cap cannot hold is refused before the decoder allocates it. What only the
/// data would tell is taken at its largest, so that the limit that is named does.
void Preparation::refuse_large_dictionary() const {
    if (!options_.cap || needs_.decompression_bytes == 0 ||
        needs_.resident_bytes + needs_.decompression_bytes <= options_.cap->bytes) {
        return;
    }
    MemoryNeeds needs = needs_;
    needs.decoder_bytes = kMiB + decode::kReadAheadMemoryBytes;
    for (const PreparedModel& model : models_) {
        const std::size_t features = model.model.description.num_feature;
        needs.block_bytes += features * era::kBlockRows * sizeof(float);
        needs.decoder_bytes += features * kKiB;  // name, dictionary and staged codes
    }
    add_needs_of_models(needs);
    plan_memory(needs, options_.cap);
}

void Preparation::add_needs_of_models(MemoryNeeds& needs) const {
    for (const PreparedModel& model : models_) {
        needs.predictors.push_back(factory_.memory(model.model.description));
        needs.ranked_outputs += model.task->output.transform != output::Transform::none;
    }
}

/// Opens the data to learn its columns and their form. A decoder with a window has done much of
/// its work then and stays open; others hold most of their memory, and are closed while the models
/// are loaded.
void Preparation::look_at_data() {
    refuse_large_dictionary();
    decode::DecodeOptions probe = decode_options();
    probe.threading = decode::Threading::none;
    probe.decompression_threads = 1;
    probe.window_bytes = 0;
    probe.decompression_memory_bytes = options_.cap ? options_.cap->bytes : UINT64_MAX;
    probe.page_bytes = options_.cap ? std::max(options_.cap->bytes, kSmallestCap) : UINT64_MAX;
    decoder_ = decode::open_decoder(options_.data, probe);
    match_features(decoder_->column_names());
    needs_.block_bytes = decoder_->select(features_.names()).block_bytes;
    needs_.decoder_bytes = decoder_->memory_bytes() - needs_.decompression_bytes;
    needs_.window_bytes = decoder_->window_needs().preferred_bytes;
    needs_.least_window_bytes = decoder_->window_needs().minimum_bytes;
    needs_.decoder_stays_open = needs_.window_bytes > 0;
    if (!needs_.decoder_stays_open) {
        decoder_.reset();
        needs_.decoder_bytes += options_.threads > 1 ? decode::kReadAheadMemoryBytes : 0;
    }
    add_needs_of_models(needs_);
}

bool Preparation::any_ranked() const {
    return std::ranges::any_of(tasks_, [](const PredictionTask& task) {
        return task.output.transform != output::Transform::none;
    });
}

void Preparation::load_predictors() {
    std::vector<const infer::ModelToLoad*> to_load;
    for (const PreparedModel& model : models_) {
        to_load.push_back(&model.model);
    }
    const auto tests = factory_.shared_tests(to_load);
    for (PreparedModel& model : models_) {
        isolate(*model.task, [&] {
            model.predictor = factory_.make(model.model, tests);
            output::WriterOptions output = model.task->output;
            output.era_memory_bytes = plan_.era_memory_bytes;
            output.precision = model.predictor->arithmetic() == infer::Arithmetic::float64
                                   ? output::Precision::float64
                                   : output::Precision::float32;
            model.writer = std::make_unique<output::PredictionWriter>(std::move(output));
        });
    }
    drop_failed(models_, tasks_);
}

decode::DecodeOptions Preparation::decode_options() const {
    return {
        .threading = options_.threads > 1 ? decode::Threading::read_ahead : decode::Threading::none,
        .decompression_threads = options_.threads,
        .decompression_memory_bytes = plan_.decompression_limit_bytes,
        .era_order = any_ranked() ? era::EraOrder::grouped : era::EraOrder::any,
        .threads = options_.threads,
        .window_bytes = plan_.window_bytes,
        .page_bytes = plan_.page_limit_bytes,
        .work_directory = options_.work_directory,
        .data_type = options_.data_type,
        .null_value = options_.null_value,
    };
}

StreamResult Preparation::stream(const ProgressCallback& progress) {
    if (!decoder_ || !decoder_->grant({plan_.window_bytes, plan_.page_limit_bytes})) {
        decoder_ = decode::open_decoder(options_.data, decode_options());
        decoder_->select(features_.names());
    }
    std::vector<PredictionJob> jobs;
    for (const PreparedModel& model : models_) {
        auto& distribution = model.task->distribution;
        jobs.push_back({.predictor = model.predictor.get(),
                        .writer = model.writer.get(),
                        .distribution = distribution ? &*distribution : nullptr});
    }
    const StreamResult result = stream_predictions(
        *decoder_, jobs,
        {options_.threads, plan_.batches, plan_.batch_storage_bytes, options_.collect_ids}, stop_,
        progress);
    decoder_.reset();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        isolate(*models_[i].task, [&] {
            if (jobs[i].error) {
                throw *jobs[i].error;
            }
            models_[i].writer->finish();
        });
    }
    drop_failed(models_, tasks_);
    return result;
}

PredictionResult Preparation::run(const ProgressCallback& progress) {
    log_memory_plan(plan_);
    progress(0, 0);
    load_predictors();
    progress(0, 0);
    PredictionResult result;
    result.stream = stream(progress);
    result.plan = plan_;
    result.features_used = features();
    std::set<std::string_view> engines;
    for (const PreparedModel& model : models_) {
        engines.insert(model.predictor->engine());
        result.kernel = std::max<std::string_view>(result.kernel, model.predictor->kernel());
    }
    result.engine = fmt::format("{}", fmt::join(engines, "+"));
    return result;
}

}  // namespace

PredictionResult predict_file(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                              const util::StopSignal& stop, const ProgressCallback& progress) {
    return Preparation(options, tasks, stop).run(progress);
}

MemoryPlan plan_prediction(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                           const util::StopSignal& stop) {
    return Preparation(options, tasks, stop).plan();
}

}  // namespace erawise
