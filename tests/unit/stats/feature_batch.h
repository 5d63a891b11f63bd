#pragma once

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "era/era_batch.h"
#include "stats/exposures.h"

namespace erawise::stats::test {

/// A batch with the given values, row by row: coded columns where `levels` holds all of them.
inline era::EraBatch feature_batch(const std::vector<std::vector<float>>& rows,
                                   const std::vector<float>& levels, std::string_view era = "1") {
    const std::size_t columns = rows.front().size();
    auto layout = std::make_shared<era::BlockLayout>();
    for (std::size_t column = 0; column < columns; ++column) {
        layout->add(levels.empty() ? era::ColumnForm::plain : era::ColumnForm::coded,
                    levels.empty() ? 0 : era::kMaxPlanes);
    }
    const std::size_t blocks = (rows.size() + era::kBlockRows - 1) / era::kBlockRows;
    era::EraBatch batch(blocks * layout->block_bytes);
    batch.reset(layout, era);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        batch.ids.push_back("row" + std::to_string(row));
        const std::size_t block = row / era::kBlockRows;
        const std::size_t bit = row % era::kBlockRows;
        for (std::size_t column = 0; column < columns; ++column) {
            if (levels.empty()) {
                batch.values(block, column)[bit] = rows[row][column];
                continue;
            }
            std::size_t code = 0;
            while (!(levels[code] == rows[row][column] ||
                     (std::isnan(levels[code]) && std::isnan(rows[row][column])))) {
                ++code;
            }
            for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
                std::uint64_t& word = batch.planes(block, column)[plane * 8 + bit / 64];
                word |= std::uint64_t{(code >> plane) & 1} << (bit % 64);
            }
        }
    }
    for (std::size_t column = 0; column < columns && !levels.empty(); ++column) {
        for (std::size_t code = 0; code < levels.size(); ++code) {
            batch.levels[column].values[code] = levels[code];
        }
        batch.levels[column].count = static_cast<std::uint8_t>(levels.size());
    }
    return batch;
}

/// Features "f0", "f1", ... that are the columns 0, 1, ...
inline std::vector<FeatureColumn> all_features(std::size_t count) {
    std::vector<FeatureColumn> features;
    for (std::uint32_t i = 0; i < count; ++i) {
        features.push_back({"f" + std::to_string(i), i});
    }
    return features;
}

/// The same numbers every time.
inline std::vector<std::vector<float>> random_rows(std::size_t rows, std::size_t columns,
                                                   const std::vector<float>& values,
                                                   std::uint32_t seed = 1) {
    std::vector<std::vector<float>> result(rows, std::vector<float>(columns));
    std::uint32_t state = seed * 2654435761u + 12345u;
    for (auto& row : result) {
        for (float& value : row) {
            state = state * 1664525u + 1013904223u;
            value = values[(state >> 16) % values.size()];
        }
    }
    return result;
}

}  // namespace erawise::stats::test
