#include "commands/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "decode/decoder.h"
#include "decode/for_each_batch.h"
#include "decode/parquet/description.h"
#include "infer/engines/engine.h"
#include "infer/engines/self_check.h"
#include "infer/formats/model_reader.h"
#include "predict/prediction.h"
#include "util/byte_size.h"
#include "util/memory_limit.h"

namespace erawise {
namespace {

using util::format_byte_size;

/// The eras in the order of the file; a run of rows each.
std::vector<EraRows> count_eras(decode::Decoder& decoder, std::size_t block_bytes,
                                const util::StopSignal& stop) {
    std::vector<EraRows> eras;
    decode::for_each_batch(decoder, block_bytes, stop, [&](const era::EraBatch& batch) {
        if (eras.empty() || eras.back().era != batch.era) {
            eras.push_back({batch.era, 0});
        }
        eras.back().rows += batch.rows();
    });
    return eras;
}

std::string describe_data(const Config& config, RunReport& report, const util::StopSignal& stop) {
    const std::filesystem::path& path = config.inspect.data;
    const bool threaded = config.threads != 1;
    const auto decoder = decode::open_decoder(
        path, {.threading = threaded ? decode::Threading::read_ahead : decode::Threading::none});
    std::vector<std::string> features;
    std::ranges::copy_if(decoder->column_names(), std::back_inserter(features),
                         decode::is_feature_name);
    const era::BlockLayout first_layout = decoder->select(features);
    // A format of columns need not read any feature to count rows.
    const bool is_columnar = decoder->window_needs().preferred_bytes > 0;
    std::vector<EraRows> eras;
    if (is_columnar) {
        const auto counter = decode::open_decoder(path, {});
        counter->select({});
        eras = count_eras(*counter, 0, stop);
    } else {
        eras = count_eras(*decoder, first_layout.block_bytes, stop);
    }
    const auto coded = std::ranges::count(decoder->survey(stop).columns, era::ColumnForm::coded,
                                          &era::BlockLayout::Column::form);
    std::string text = fmt::format("data {}\n", path.string());
    text +=
        fmt::format("  size      {}{}\n", format_byte_size(std::filesystem::file_size(path)),
                    decode::decompression_memory_bytes(path) > 0
                        ? fmt::format(" (xz, decompression takes {})",
                                      format_byte_size(decode::decompression_memory_bytes(path)))
                        : "");
    text += decode::describe_parquet(path);
    text += fmt::format("  columns   {}, of which {} features ({} with at most {} values)\n",
                        decoder->column_names().size(), features.size(), coded, era::kMaxLevels);
    for (const EraRows& era : eras) {
        report.rows += era.rows;
    }
    report.eras = eras.size();
    report.features_used = features.size();
    text += fmt::format("  rows      {} in {} eras\n", report.rows, eras.size());
    for (const EraRows& era : eras) {
        text += fmt::format("    {:<10} {:>8}\n", era.era, era.rows);
    }
    return text;
}

std::string describe_model(const Config& config, const util::StopSignal& stop) {
    const infer::ModelDescription model =
        infer::read_model_description(config.inspect.model, &stop);
    const infer::PredictorMemory memory = infer::PredictorFactory({}).memory(model);
    std::string text = fmt::format("model {}\n", model.path.string());
    text += fmt::format("  size      {}\n", format_byte_size(model.file_bytes));
    text += fmt::format("  booster   {}{}, objective {}{}\n", model.booster,
                        model.averages_trees ? " (average of its trees)" : "",
                        model.objective.empty() ? "unknown: raw values" : model.objective,
                        model.base_score.empty() ? "" : ", base_score " + model.base_score);
    const bool has_too_many = model.distinct_tests > infer::kMostTests;
    text += fmt::format(
        "  trees     {} of depth {} and {} leaves at most, {} nodes, {}{} distinct tests\n",
        model.trees, model.max_depth, model.max_leaves, model.nodes,
        has_too_many ? "more than " : "",
        std::min<std::uint64_t>(model.distinct_tests, infer::kMostTests));
    if (model.best_iteration) {
        text += fmt::format("  best      iteration {}\n", *model.best_iteration);
    }
    text += fmt::format("  features  {}, {}\n", model.num_feature,
                        model.feature_names.empty() ? "without names" : "with names");
    const std::string objection = infer::forest_objection(model);
    text += fmt::format("  engine    {}: {} while loading, {} then\n",
                        objection.empty() ? "bitsliced" : "xgboost, because " + objection,
                        format_byte_size(memory.while_loading_bytes),
                        format_byte_size(memory.resident_bytes));
    text += fmt::format("  check     {}\n", infer::check_against_reference(model, &stop));
    return text;
}

std::string describe_plan(const Config& config, RunReport& report, const util::StopSignal& stop) {
    PredictionOptions options;
    options.data = config.inspect.data;
    options.threads = config.threads == 0 ? util::available_processors() : config.threads;
    options.cap = effective_memory_cap(config);
    const std::vector<PredictionTask> tasks = {{.name = config.inspect.model.filename().string(),
                                                .models = {{config.inspect.model}},
                                                .output = output::WriterOptions{.path = "-"}}};
    const MemoryPlan plan = plan_prediction(options, tasks, stop);
    std::string text = "memory plan\n";
    for (const auto& [name, bytes] : plan.entries) {
        text += fmt::format("  {:<22} {:>10}\n", name, format_byte_size(bytes));
    }
    text += fmt::format("  {:<22} {:>10}\n", "total", format_byte_size(plan.running_bytes));
    text += fmt::format("  {:<22} {:>10}\n", "while loading models",
                        format_byte_size(plan.loading_bytes));
    text += plan.cap ? fmt::format("  {:<22} {:>10}  ({})\n", "cap",
                                   format_byte_size(plan.cap->bytes), plan.cap->source)
                     : "  no cap\n";
    report.memory_plan = plan.entries;
    return text;
}

}  // namespace

void commands::inspect(const Config& config, RunReport& report, const util::StopSignal& stop) {
    std::string text;
    std::string plan;
    if (!config.inspect.data.empty() && !config.inspect.model.empty()) {
        plan = describe_plan(config, report, stop);  // first: it counts what the program takes
    }
    if (!config.inspect.data.empty()) {
        text += describe_data(config, report, stop);
    }
    if (!config.inspect.model.empty()) {
        text += describe_model(config, stop);
    }
    std::fputs((text + plan).c_str(), stdout);
}

}  // namespace erawise
