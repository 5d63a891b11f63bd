#include "predict/prediction.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <set>

#include "decode/decoder.h"
#include "decode/files/id_values.h"
#include "decode/for_each_batch.h"
#include "infer/feature_match.h"
#include "infer/formats/model_reader.h"
#include "predict/column_match.h"
#include "predict/feature_sets.h"
#include "predict/file_predictor.h"
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

/// An era of usual size: Numerai's have 4000 to 7000 rows.
constexpr std::size_t kUsualEraRows = 7168;

/// A file that predicts, for all tasks that use it.
struct PreparedModel {
    std::string name;  ///< of the first task
    std::filesystem::path file;
    std::vector<std::string> features;  ///< as the task has them
    std::string column = {};            ///< of a predictions file
    infer::ModelToLoad model = {};
    std::unique_ptr<decode::IdValues> values = nullptr;  ///< of a predictions file
    std::unique_ptr<infer::Predictor> predictor = nullptr;
    std::optional<util::Histogram> distribution = std::nullopt;
    std::optional<util::Error> error = std::nullopt;
};

struct PreparedTask {
    PredictionTask* task;
    std::vector<PreparedModel*> models;  ///< as many as the task has
    std::unique_ptr<output::PredictionWriter> writer = nullptr;
};

infer::PredictorOptions stopped_by(const util::StopSignal& stop, infer::PredictorOptions options) {
    options.stop = &stop;
    return options;
}

/// Everything that is known before the first row, and what becomes of it when rows take more.
class Preparation {
  public:
    Preparation(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                const util::StopSignal& stop);

    [[nodiscard]] const MemoryPlan& plan() const { return plan_; }

    /// The plan for all rows, not only for what the first ones tell. Rows cannot flow afterwards.
    const MemoryPlan& plan_for_all_rows();

    PredictionResult run(const ProgressCallback& progress);

  private:
    void list_models();
    void open_lookups();
    void open_meta_model(const ScoreOptions& score);
    [[nodiscard]] std::uint64_t lookup_rows_bytes() const;
    void read_models();
    void look_at_data();
    void refuse_large_dictionary() const;
    void add_needs_of_models(MemoryNeeds& needs) const;
    void add_needs_of_outputs();
    void add_needs_of_rows(const era::BlockLayout& layout);
    void make_plan();
    RowMemory more_memory(const era::BlockLayout& layout, output::EraFinisher& finisher);
    [[nodiscard]] decode::MemoryGrant decoder_grant() const;
    [[nodiscard]] std::uint64_t rows_of_largest_era() const;
    [[noreturn]] void refuse_era(const output::EraTooLarge& error) const;
    void match_features(const std::vector<std::string>& columns);
    void match_sets_and_target(const DataColumns& data);
    void load_predictors();
    void make_writers();
    StreamResult stream(const ProgressCallback& progress);
    void finish(output::EraFinisher& finisher, std::vector<output::EraOutput>& outputs);
    void finish_lookup(PreparedModel& model) const;
    [[nodiscard]] PredictionResult result_of(StreamResult streamed) const;
    [[nodiscard]] decode::DecodeOptions decode_options() const;
    [[nodiscard]] std::vector<output::EraOutput> outputs() const;
    [[nodiscard]] unsigned threads() const;
    [[nodiscard]] bool any_from_file() const;
    template <typename Body>
    void for_each_model(Body&& body);
    void drop_failed();

    const PredictionOptions& options_;
    std::vector<PredictionTask>& all_tasks_;
    const util::StopSignal& stop_;
    std::vector<PreparedTask> tasks_;  ///< without those that have failed
    std::vector<std::unique_ptr<PreparedModel>> models_;
    infer::PredictorFactory factory_;
    infer::FeatureUnion features_;
    std::size_t features_of_models_ = 0;  ///< the first ones
    std::vector<std::string> numbers_;    ///< columns behind the features: the target
    output::EraFinisherOptions finisher_options_;
    std::unique_ptr<decode::IdValues> meta_model_;
    std::uint64_t lookup_reading_bytes_ = 0;    ///< decompressors of files of predictions
    std::unique_ptr<decode::Decoder> decoder_;  ///< open since the data was looked at
    MemoryNeeds needs_;
    MemoryPlan plan_;
};

Preparation::Preparation(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                         const util::StopSignal& stop)
    : options_(options),
      all_tasks_(tasks),
      stop_(stop),
      factory_(stopped_by(stop, options.predictor)) {
    list_models();
    open_lookups();
    needs_.resident_bytes = util::current_rss_bytes();
    needs_.threads = threads();
    needs_.transfer_bytes = options.transfer_bytes;
    needs_.decompression_bytes = decode::decompression_memory_bytes(options.data);
    read_models();
    look_at_data();
    make_plan();
    if (!needs_.decoder_stays_open) {
        decoder_.reset();
    }
}

/// Each file once, whatever the number of tasks that use it.
void Preparation::list_models() {
    for (PredictionTask& task : all_tasks_) {
        if (task.error) {
            continue;
        }
        PreparedTask& prepared = tasks_.emplace_back(PreparedTask{&task, {}});
        for (const TaskModel& model : task.models) {
            const auto found = std::ranges::find_if(models_, [&](const auto& it) {
                return it->file == model.file && it->features == task.features &&
                       it->column == model.column;
            });
            if (found != models_.end()) {
                prepared.models.push_back(found->get());
                continue;
            }
            models_.push_back(
                std::make_unique<PreparedModel>(PreparedModel{.name = task.name,
                                                              .file = model.file,
                                                              .features = task.features,
                                                              .column = model.column}));
            prepared.models.push_back(models_.back().get());
        }
    }
    drop_failed();
}

void Preparation::open_lookups() {
    for (const PreparedTask& task : tasks_) {
        if (task.task->source == TaskSource::predictions_file) {
            for (PreparedModel* const model : task.models) {
                model->values = std::make_unique<decode::IdValues>(
                    model->file,
                    decode::ColumnChoice{.name = model->column, .flag = "--prediction-column"});
                lookup_reading_bytes_ += model->values->reading_memory_bytes();
            }
        }
    }
    if (options_.score && !options_.score->meta_model.empty()) {
        open_meta_model(*options_.score);
    }
    needs_.lookup_bytes += lookup_reading_bytes_;
    finisher_options_.predictions_may_be_missing = any_from_file();
}

void Preparation::open_meta_model(const ScoreOptions& score) {
    meta_model_ = std::make_unique<decode::IdValues>(
        score.meta_model,
        decode::ColumnChoice{.name = score.meta_model_column, .flag = "--meta-model-column"});
    needs_.lookup_bytes = meta_model_->most_memory_bytes();
    lookup_reading_bytes_ += meta_model_->reading_memory_bytes();
    finisher_options_.meta_model = [this](std::string_view id) { return meta_model_->find(id); };
    finisher_options_.contribution = contribution_kind(score.meta_model, meta_model_->column());
}

/// For rows that a file has in another order than the data.
std::uint64_t Preparation::lookup_rows_bytes() const {
    return plan_.lookup_bytes - lookup_reading_bytes_;
}

bool Preparation::any_from_file() const {
    return std::ranges::any_of(models_, [](const auto& model) { return model->values != nullptr; });
}

/// A file of predictions is read along with the data, in its order.
unsigned Preparation::threads() const {
    return any_from_file() ? 1 : options_.threads;
}

/// Runs one part for each model. An error stays with the model, and ends the tasks that use it.
template <typename Body>
void Preparation::for_each_model(Body&& body) {
    for (const auto& model : models_) {
        try {
            util::with_context(model->name, [&] { body(*model); });
        } catch (const util::Error& error) {
            if (error.kind() == util::ErrorKind::cancelled) {
                throw;
            }
            model->error = error;
        }
    }
    drop_failed();
}

/// Takes away the tasks that have failed and the models that no other task uses. Throws when none
/// is left.
void Preparation::drop_failed() {
    for (const PreparedTask& task : tasks_) {
        for (const PreparedModel* const model : task.models) {
            if (model->error && !task.task->error) {
                task.task->error = model->error;
            }
        }
    }
    std::erase_if(tasks_, [](const PreparedTask& task) { return task.task->error.has_value(); });
    std::erase_if(models_, [&](const auto& model) {
        return std::ranges::none_of(tasks_, [&](const PreparedTask& task) {
            return std::ranges::contains(task.models, model.get());
        });
    });
    if (tasks_.empty()) {
        const auto failed = std::ranges::find_if(
            all_tasks_, [](const PredictionTask& task) { return task.error.has_value(); });
        if (failed != all_tasks_.end()) {
            throw *failed->error;
        }
    }
}

/// Trees are kept from this reading on while they are small, so that few files are read twice.
void Preparation::read_models() {
    std::uint64_t room = kForestFileBytes;
    for_each_model([&](PreparedModel& model) {
        if (model.values) {
            return;
        }
        infer::Model read = infer::read_model(model.file, room, &stop_);
        if (read.forest) {
            room -= std::min(room, read.description.file_bytes);
            needs_.forests_bytes += read.forest->nodes.size() * sizeof(infer::TreeNode) +
                                    read.forest->leaves.size() * sizeof(double);
        }
        model.model = {std::move(read.description), std::move(read.forest), {}};
    });
}

void Preparation::match_features(const std::vector<std::string>& columns) {
    std::vector<std::string> data_features;
    std::ranges::copy_if(columns, std::back_inserter(data_features), decode::is_feature_name);
    std::vector<std::string> chosen;
    if (!options_.feature_set.empty()) {
        chosen = infer::read_feature_set(options_.features_file, options_.feature_set);
    }
    for_each_model([&](PreparedModel& model) {
        if (model.values) {
            return;
        }
        const std::vector<std::string> names = infer::feature_names_of(
            model.model.description, model.features.empty() ? chosen : model.features,
            data_features);
        infer::require_features(model.model.description, names, columns, options_.data.string());
        model.model.columns = features_.add(names);
    });
    features_of_models_ = features_.names().size();
    match_sets_and_target({.file = options_.data.string(), .names = columns});
}

/// The sets that transforms and FNC neutralise on, and the target.
void Preparation::match_sets_and_target(const DataColumns& data) {
    std::set<std::string> sets;
    for (const output::EraOutput& output : outputs()) {
        const auto of_output = output.feature_sets();
        sets.insert(of_output.begin(), of_output.end());
    }
    if (options_.score && !options_.score->fnc_set.empty()) {
        finisher_options_.fnc_set = options_.score->fnc_set;
        sets.insert(options_.score->fnc_set);
    }
    for (const std::string& set : sets) {
        finisher_options_.feature_sets.emplace(
            set, match_feature_set(set, options_.features_file, data, features_));
    }
    if (options_.score) {
        require_target(options_.score->target, data);
        finisher_options_.target_column = static_cast<std::uint32_t>(features_.names().size());
        numbers_ = {options_.score->target};
    }
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
    for (const auto& model : models_) {
        const std::size_t features = model->model.description.num_feature;
        needs.block_bytes += features * era::kBlockRows * sizeof(float);
        needs.decoder_bytes += features * kKiB;  // name, dictionary and staged codes
    }
    add_needs_of_models(needs);
    plan_memory(needs, options_.cap);
}

void Preparation::add_needs_of_models(MemoryNeeds& needs) const {
    for (const auto& model : models_) {
        needs.predictors.push_back(model->values ? infer::PredictorMemory()
                                                 : factory_.memory(model->model.description));
    }
}

void Preparation::add_needs_of_outputs() {
    const std::vector<output::EraOutput> outputs = this->outputs();
    needs_.writers = outputs.size();
    needs_.held_era_bytes = std::max(
        needs_.held_era_bytes, output::EraFinisher::expected_bytes(
                                   outputs, models_.size(), finisher_options_, kUsualEraRows));
}

/// What the decoder and what holds rows take, by what it has seen of them. Decoders without a
/// window take the same whatever their rows are like.
void Preparation::add_needs_of_rows(const era::BlockLayout& layout) {
    const decode::WindowNeeds window = decoder_->window_needs();
    needs_.block_bytes = layout.block_bytes;
    needs_.window_bytes = window.preferred_bytes;
    needs_.least_window_bytes = window.minimum_bytes;
    needs_.decoder_stays_open = window.preferred_bytes > 0;
    if (needs_.decoder_stays_open) {
        needs_.decoder_bytes = decoder_->memory_bytes();
    }
    for (const auto& [name, features] : finisher_options_.feature_sets) {
        for (const stats::FeatureColumn& feature : features) {
            if (layout.columns[feature.column].form == era::ColumnForm::plain) {
                finisher_options_.exposure_form = stats::ExposureForm::values;
            }
        }
    }
    add_needs_of_outputs();
}

/// Before it refuses, the data is read to its end, so that the limit that is named does for all of
/// its rows.
void Preparation::make_plan() {
    if (options_.cap && least_memory_bytes(needs_) > options_.cap->bytes) {
        add_needs_of_rows(decoder_->survey(stop_));
        refuse_memory(needs_, *options_.cap);
    }
    plan_ = plan_memory(needs_, options_.cap);
}

const MemoryPlan& Preparation::plan_for_all_rows() {
    if (!decoder_) {
        decoder_ = decode::open_decoder(options_.data, decode_options());
        decoder_->select(features_.names());
    }
    add_needs_of_rows(decoder_->survey(stop_));
    make_plan();
    return plan_;
}

/// A new plan under the same cap, for rows that take more than those before them.
RowMemory Preparation::more_memory(const era::BlockLayout& layout, output::EraFinisher& finisher) {
    add_needs_of_rows(layout);
    needs_.held_era_bytes = std::max(needs_.held_era_bytes, finisher.held_bytes());
    make_plan();
    finisher.set_era_memory(plan_.era_memory_bytes);
    spdlog::info("{}: rows take more than the first ones told", options_.data.string());
    log_memory_plan(plan_);
    return {.batch_storage_bytes = plan_.batch_storage_bytes, .decoder = decoder_grant()};
}

decode::MemoryGrant Preparation::decoder_grant() const {
    return {.window_bytes = plan_.window_bytes, .page_bytes = options_.cap ? 0 : UINT64_MAX};
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
    // Every thread has a page.
    probe.page_bytes =
        options_.cap ? std::max(options_.cap->bytes, kSmallestCap) / probe.threads : UINT64_MAX;
    decoder_ = decode::open_decoder(options_.data, probe);
    match_features(decoder_->column_names());
    add_needs_of_rows(decoder_->select(features_.names(), numbers_));
    if (!needs_.decoder_stays_open) {
        needs_.decoder_bytes = decoder_->memory_bytes() - needs_.decompression_bytes +
                               (threads() > 1 ? decode::kReadAheadMemoryBytes : 0);
    }
    add_needs_of_models(needs_);
}

/// Without writers, which are made when the models are loaded.
std::vector<output::EraOutput> Preparation::outputs() const {
    std::vector<output::EraOutput> outputs;
    for (const PreparedTask& task : tasks_) {
        output::EraOutput& output =
            outputs.emplace_back(output::EraOutput{.name = task.task->name,
                                                   .members = {},
                                                   .blend = task.task->blend,
                                                   .transforms = task.task->transforms,
                                                   .writer = task.writer.get(),
                                                   .is_scored = options_.score.has_value()});
        for (std::size_t i = 0; i < task.models.size(); ++i) {
            const auto place = std::ranges::find_if(
                models_, [&](const auto& model) { return model.get() == task.models[i]; });
            output.members.push_back(
                {static_cast<std::size_t>(place - models_.begin()), task.task->models[i].weight});
        }
    }
    return outputs;
}

void Preparation::load_predictors() {
    std::vector<const infer::ModelToLoad*> to_load;
    for (const auto& model : models_) {
        if (!model->values) {
            to_load.push_back(&model->model);
        }
    }
    const auto tests = factory_.shared_tests(to_load);
    for_each_model([&](PreparedModel& model) {
        if (model.values) {
            model.values->set_memory_limit(lookup_rows_bytes());
            model.predictor = std::make_unique<FilePredictor>(*model.values);
        } else {
            model.predictor = factory_.make(model.model, tests);
        }
        if (options_.collect_distributions) {
            model.distribution.emplace();
        }
    });
}

void Preparation::make_writers() {
    for (PreparedTask& task : tasks_) {
        if (!task.task->output) {
            continue;
        }
        try {
            output::WriterOptions writer = *task.task->output;
            const bool is_float32 =
                task.models.size() == 1 && task.task->transforms.empty() &&
                task.models.front()->predictor->arithmetic() == infer::Arithmetic::float32;
            writer.precision = is_float32 ? output::Precision::float32 : output::Precision::float64;
            task.writer = std::make_unique<output::PredictionWriter>(std::move(writer));
        } catch (const util::Error& error) {
            task.task->error = error;
            task.task->error->add_context(task.task->name);
        }
    }
    drop_failed();
}

decode::DecodeOptions Preparation::decode_options() const {
    const bool holds_eras =
        std::ranges::any_of(outputs(), [](const auto& output) { return output.holds_eras(); });
    return {
        .threading = threads() > 1 ? decode::Threading::read_ahead : decode::Threading::none,
        .decompression_threads = threads(),
        .decompression_memory_bytes = plan_.decompression_limit_bytes,
        .decompression_threads_bytes = plan_.decompression_threads_bytes,
        .era_order = holds_eras ? era::EraOrder::grouped : era::EraOrder::any,
        .threads = threads(),
        .window_bytes = plan_.window_bytes,
        .work_directory = options_.work_directory,
        .data_type = options_.data_type,
        .null_value = options_.null_value,
    };
}

StreamResult Preparation::stream(const ProgressCallback& progress) {
    if (!decoder_ || !decoder_->grant(decoder_grant())) {
        decoder_ = decode::open_decoder(options_.data, decode_options());
        decoder_->select(features_.names(), numbers_);
    }
    std::vector<PredictionJob> jobs;
    for (const auto& model : models_) {
        auto& distribution = model->distribution;
        jobs.push_back({.predictor = model->predictor.get(),
                        .distribution = distribution ? &*distribution : nullptr});
    }
    std::vector<output::EraOutput> outputs = this->outputs();
    finisher_options_.era_memory_bytes = plan_.era_memory_bytes;
    output::EraFinisher finisher(outputs, models_.size(), finisher_options_);
    const StreamOptions options = {
        .threads = threads(),
        .batches = plan_.batches,
        .batch_storage_bytes = plan_.batch_storage_bytes,
        .collect_ids = options_.collect_ids,
        .more_memory = [&](const auto& layout) { return more_memory(layout, finisher); }};
    StreamResult result;
    try {
        result = stream_predictions(*decoder_, jobs, finisher, options, stop_, progress);
    } catch (const output::EraTooLarge& error) {
        refuse_era(error);
    }
    decoder_.reset();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        models_[i]->error = jobs[i].error;
    }
    finish(finisher, outputs);
    return result;
}

std::uint64_t Preparation::rows_of_largest_era() const {
    const auto decoder = decode::open_decoder(options_.data, {.data_type = options_.data_type});
    std::uint64_t rows = 0;
    std::uint64_t most_rows = 0;
    std::string era;
    decode::for_each_batch(*decoder, decoder->select({}).block_bytes, stop_,
                           [&](const auto& batch) {
                               rows = batch.era == era ? rows + batch.rows() : batch.rows();
                               era = batch.era;
                               most_rows = std::max(most_rows, rows);
                           });
    return most_rows;
}

/// The data is read to its end, so that the limit that is named does for its largest era.
void Preparation::refuse_era(const output::EraTooLarge& error) const {
    const double bytes = double(rows_of_largest_era()) * error.bytes_per_row();
    throw util::Error(
        util::ErrorKind::memory,
        fmt::format("{}; raise the limit: a limit of {} MiB would do; or use --transform none",
                    error.what(),
                    limit_for_era(needs_, *options_.cap, static_cast<std::uint64_t>(bytes))));
}

/// The last era, and what is left of each task: its file, its scores, or why it has none.
void Preparation::finish(output::EraFinisher& finisher, std::vector<output::EraOutput>& outputs) {
    finisher.finish();
    if (meta_model_) {
        meta_model_->finish();
    }
    for (std::size_t i = 0; i < tasks_.size(); ++i) {
        PredictionTask& task = *tasks_[i].task;
        task.scores = std::move(outputs[i].scores);
        if (meta_model_) {
            task.contribution = {meta_model_->column(), finisher_options_.contribution};
        }
        task.error = outputs[i].error;
        const bool has_failed =
            task.error || std::ranges::any_of(tasks_[i].models, [](const PreparedModel* model) {
                return model->error.has_value();
            });
        if (tasks_[i].writer && !has_failed) {
            try {
                tasks_[i].writer->finish();
            } catch (const util::Error& error) {
                task.error = error;
            }
        }
        if (task.error) {
            task.error->add_context(task.name);
        }
    }
    for (const auto& model : models_) {
        if (model->error) {
            model->error->add_context(model->name);
        } else if (model->values) {
            finish_lookup(*model);
        }
    }
}

void Preparation::finish_lookup(PreparedModel& model) const {
    try {
        model.values->finish();
    } catch (const util::Error& error) {
        model.error = error;
    }
    if (!model.error && model.values->found() == 0) {
        model.error = util::Error(
            util::ErrorKind::data,
            fmt::format("{}: none of its ids is in {}; are they of the same data version and kind "
                        "of rows?",
                        model.file.string(), options_.data.string()));
    }
}

PredictionResult Preparation::run(const ProgressCallback& progress) {
    log_memory_plan(plan_);
    if (meta_model_) {
        meta_model_->set_memory_limit(lookup_rows_bytes());
    }
    progress(0, 0);
    load_predictors();
    make_writers();
    progress(0, 0);
    StreamResult streamed = stream(progress);
    PredictionResult result = result_of(std::move(streamed));
    drop_failed();
    return result;
}

PredictionResult Preparation::result_of(StreamResult streamed) const {
    PredictionResult result;
    result.stream = std::move(streamed);
    result.plan = plan_;
    result.features_used = features_of_models_;
    std::set<std::string_view> engines;
    for (const auto& model : models_) {
        engines.insert(model->predictor->engine());
        result.kernel = std::max<std::string_view>(result.kernel, model->predictor->kernel());
    }
    result.engine = fmt::format("{}", fmt::join(engines, "+"));
    for (const PreparedTask& task : tasks_) {
        for (const PreparedModel* const model : task.models) {
            if (model->distribution && !model->error) {
                result.distributions.push_back(
                    {task.models.size() == 1
                         ? task.task->name
                         : fmt::format("{}: {}", task.task->name, model->file.filename().string()),
                     *model->distribution});
            }
        }
    }
    return result;
}

}  // namespace

PredictionResult predict_file(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                              const util::StopSignal& stop, const ProgressCallback& progress) {
    return Preparation(options, tasks, stop).run(progress);
}

MemoryPlan plan_prediction(const PredictionOptions& options, std::vector<PredictionTask>& tasks,
                           const util::StopSignal& stop) {
    return Preparation(options, tasks, stop).plan_for_all_rows();
}

}  // namespace erawise
