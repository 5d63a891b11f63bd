// The forest engines on one thread and the same rows: bitsliced, libxgboost in place (the peer,
// whole blocks of rows that are in memory as float32), and the readable walk. Each line gives rows
// per second and nanoseconds per tree and row. LightGBM's forests (float64 sums) have no peer here,
// since it is not a Debian package: docs/FOREST.md has figures of its own library to compare with.
//
//   erawise_forest_benchmark [--benchmark_filter=depth_5]
//   ERAWISE_TARGET=AVX2 erawise_forest_benchmark

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <cstdlib>
#include <map>
#include <memory>
#include <random>

#include "infer/bitslice/kernels.h"
#include "infer/bitslice/predictor.h"
#include "infer/block_matrix.h"
#include "infer/engines/xgboost_library.h"
#include "infer/random_forests.h"
#include "infer/xgboost_json.h"
#include "support/temporary_folder.h"
#include "util/vector_target.h"

namespace erawise {
namespace {

constexpr std::size_t kRows = 4096;

using enum infer::Arithmetic;
using enum test::ForestShape::Growth;

struct Shape {
    const char* name;
    std::uint32_t features;
    std::size_t trees;
    std::uint32_t leaves;
    infer::Arithmetic arithmetic = float32;
    test::ForestShape::Growth growth = level;
};

constexpr Shape kShapes[] = {
    {"features_310_trees_2000_depth_5", 310, 2000, 32},
    {"features_2748_trees_2000_depth_5", 2748, 2000, 32},
    {"features_310_trees_2000_depth_6", 310, 2000, 64},
    {"features_310_trees_500_depth_8", 310, 500, 256},
    {"features_310_trees_300_depth_10", 310, 300, 1024},
    {"features_310_trees_20000_depth_5", 310, 20000, 32},
    {"lightgbm_features_310_trees_2000_leaves_31_depth_5", 310, 2000, 31, float64, level},
    {"lightgbm_features_310_trees_2000_leaves_31_leafwise", 310, 2000, 31, float64, random},
    {"lightgbm_features_310_trees_300_leaves_1024_depth_10", 310, 300, 1024, float64, level},
    {"lightgbm_features_310_trees_300_leaves_1024_leafwise", 310, 300, 1024, float64, random},
};

/// Numerai's kind of rows: five values of equal weight, none missing.
era::EraBatch five_valued_rows(std::size_t rows, std::uint32_t columns) {
    std::mt19937 generator(7);
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::uint32_t column = 0; column < columns; ++column) {
        layout->add(era::ColumnForm::coded, 3);
    }
    era::EraBatch batch(rows / era::kBlockRows * layout->block_bytes);
    batch.reset(layout, "era1");
    for (std::size_t row = 0; row < rows; ++row) {
        batch.ids.push_back("id");
    }
    for (std::uint32_t column = 0; column < columns; ++column) {
        batch.levels[column] = {.values = {0.0F, 0.25F, 0.5F, 0.75F, 1.0F}, .count = 5};
        for (std::size_t row = 0; row < rows; ++row) {
            const std::uint64_t code = generator() % 5;
            for (unsigned p = 0; p < 3; ++p) {
                batch.planes(row / era::kBlockRows, column)[p * 8 + row % era::kBlockRows / 64] |=
                    ((code >> p) & 1) << (row % 64);
            }
        }
    }
    return batch;
}

/// A forest with its rows, made once per shape and shared by the engines.
struct Case {
    explicit Case(const Shape& shape)
        : forest(test::random_forest({.trees = shape.trees,
                                      .features = shape.features,
                                      .leaves = shape.leaves,
                                      .growth = shape.growth,
                                      .five_valued = true,
                                      .arithmetic = shape.arithmetic},
                                     1)),
          batch(five_valued_rows(kRows, shape.features)) {
        for (std::uint32_t f = 0; f < shape.features; ++f) {
            columns.push_back(f);
        }
    }

    infer::Forest forest;
    era::EraBatch batch;
    std::vector<std::uint32_t> columns;
};

const Case& case_of(const Shape& shape) {
    static std::map<std::string, std::unique_ptr<Case>> cases;
    std::unique_ptr<Case>& found = cases[shape.name];
    if (!found) {
        cases.clear();  // one at a time is enough memory
        return *(cases[shape.name] = std::make_unique<Case>(shape));
    }
    return *found;
}

void count_rows(benchmark::State& state, const Shape& shape, std::size_t rows) {
    const double all = double(state.iterations()) * double(rows);
    state.counters["rows/s"] = benchmark::Counter(all, benchmark::Counter::kIsRate);
    state.counters["s/tree-row"] = benchmark::Counter(
        all * double(shape.trees), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void bitsliced(benchmark::State& state, const Shape& shape) {
    const Case& the = case_of(shape);
    const auto predictor = infer::make_bitslice_predictor(
        {.forest = &the.forest, .trees = the.forest.trees(), .columns = the.columns});
    const auto workspace = predictor->make_workspace();
    std::vector<double> predictions(era::kBlockRows);
    for ([[maybe_unused]] auto _ : state) {
        for (std::size_t block = 0; block < the.batch.blocks(); ++block) {
            workspace->load(the.batch, block);
            predictor->predict(*workspace, predictions);
            benchmark::DoNotOptimize(predictions.data());
        }
    }
    count_rows(state, shape, kRows);
    state.SetLabel(std::string(predictor->kernel()));
}

void libxgboost(benchmark::State& state, const Shape& shape) {
    const Case& the = case_of(shape);
    const test::TemporaryFolder folder;
    const auto booster = infer::XgboostLibrary::open()->load(
        folder.write("model.json", test::xgboost_json(the.forest)), infer::RowPassing::in_place);
    std::vector<float> matrix(kRows * shape.features);
    for (std::size_t block = 0; block < the.batch.blocks(); ++block) {
        infer::fill_matrix(the.batch, block, 0, era::kBlockRows, the.columns,
                           matrix.data() + block * era::kBlockRows * shape.features);
    }
    for ([[maybe_unused]] auto _ : state) {
        benchmark::DoNotOptimize(booster->predict(matrix.data(), kRows, shape.features, 0).data());
    }
    count_rows(state, shape, kRows);
}

void walk(benchmark::State& state, const Shape& shape) {
    constexpr std::size_t kFew = 64;  // it is slow
    const Case& the = case_of(shape);
    std::vector<float> matrix(kFew * shape.features);
    infer::fill_matrix(the.batch, 0, 0, kFew, the.columns, matrix.data());
    for ([[maybe_unused]] auto _ : state) {
        for (std::size_t row = 0; row < kFew; ++row) {
            benchmark::DoNotOptimize(infer::walk(
                the.forest, std::span(matrix).subspan(row * shape.features, shape.features)));
        }
    }
    count_rows(state, shape, kFew);
}

}  // namespace
}  // namespace erawise

int main(int argc, char** argv) {
    using namespace erawise;
    const char* const target = std::getenv("ERAWISE_TARGET");
    if (target != nullptr && !util::use_vector_target(target)) {
        fmt::print(stderr, "ERAWISE_TARGET: this machine has {}\n", util::vector_target_names());
        return 2;
    }
    for (const Shape& shape : kShapes) {
        const auto add = [&](const char* engine, auto function) {
            benchmark::RegisterBenchmark(fmt::format("{}/{}", shape.name, engine), function, shape)
                ->Unit(benchmark::kMillisecond);
        };
        add("bitsliced", bitsliced);
        if (shape.arithmetic == float32) {
            add("libxgboost", libxgboost);
        }
        add("walk", walk);
    }
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 1;
    }
    benchmark::RunSpecifiedBenchmarks();
    return 0;
}
