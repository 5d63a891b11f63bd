#include <benchmark/benchmark.h>

#include <memory>
#include <random>

#include "era/era_batch.h"
#include "stats/neutralizer.h"

// Neutralisation of one era of 6900 rows on features of five values. The peer is numpy's lstsq:
// tests/benchmark/compare.py.

namespace {

using namespace erawise;

constexpr std::size_t kRows = 6900;

/// `step` other than 1: levels that are no whole numbers, so that planes give way to values.
era::EraBatch random_era(std::size_t features, float step = 1) {
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::size_t i = 0; i < features; ++i) {
        layout->add(era::ColumnForm::coded, 3);
    }
    const std::size_t blocks = (kRows + era::kBlockRows - 1) / era::kBlockRows;
    era::EraBatch batch(blocks * layout->block_bytes);
    batch.reset(layout, "1");
    for (std::size_t row = 0; row < kRows; ++row) {
        batch.ids.push_back("n");
    }
    std::mt19937 random(1);
    for (std::size_t feature = 0; feature < features; ++feature) {
        batch.levels[feature] = {{0, step, 2 * step, 3 * step, 4 * step}, 5};
        for (std::size_t row = 0; row < kRows; ++row) {
            const std::uint64_t code = random() % 5;
            for (unsigned plane = 0; plane < 3; ++plane) {
                batch.planes(row / era::kBlockRows,
                             feature)[plane * 8 + row % era::kBlockRows / 64] |= (code >> plane & 1)
                                                                                 << (row % 64);
            }
        }
    }
    return batch;
}

std::vector<stats::FeatureColumn> all(std::size_t features) {
    std::vector<stats::FeatureColumn> columns;
    for (std::uint32_t i = 0; i < features; ++i) {
        columns.push_back({"f", i});
    }
    return columns;
}

void Neutralize(benchmark::State& state) {
    const auto features = static_cast<std::size_t>(state.range(0));
    const era::EraBatch batch = random_era(features);
    stats::Neutralizer neutralizer(all(features));
    std::vector<double> values(kRows);
    for (auto _ : state) {
        neutralizer.clear();
        neutralizer.append(batch);
        for (std::size_t row = 0; row < kRows; ++row) {
            values[row] = double(row * 7919 % 6907);
        }
        neutralizer.neutralize(values, 1.0);
        benchmark::DoNotOptimize(values.data());
    }
}
BENCHMARK(Neutralize)->Arg(95)->Arg(780)->Arg(2000)->Unit(benchmark::kMillisecond);

void gram(benchmark::State& state, float step) {
    const auto features = static_cast<std::size_t>(state.range(0));
    const era::EraBatch batch = random_era(features, step);
    stats::Exposures exposures(all(features));
    exposures.append(batch);
    std::vector<double> gram(exposures.columns() * exposures.columns());
    for (auto _ : state) {
        exposures.gram(gram);
        benchmark::DoNotOptimize(gram.data());
    }
}
void GramOfPlanes(benchmark::State& state) {
    gram(state, 1);
}
BENCHMARK(GramOfPlanes)->Arg(95)->Arg(780)->Arg(2000)->Unit(benchmark::kMillisecond);

/// The peer: Eigen's matrix product in float64.
void GramOfValues(benchmark::State& state) {
    gram(state, 1.1F);
}
BENCHMARK(GramOfValues)->Arg(95)->Arg(780)->Arg(2000)->Unit(benchmark::kMillisecond);

}  // namespace
