#pragma once

#include <cstddef>
#include <cstdlib>

#include "era/era_batch.h"

namespace erawise::fuzz {

/// Aborts when a column has levels that its planes have no codes for: kernels rely on it.
inline void require_levels_in_planes(const era::EraBatch& batch) {
    for (std::size_t i = 0; i < batch.columns(); ++i) {
        const era::BlockLayout::Column& place = batch.layout().columns[i];
        const bool is_coded = place.form == era::ColumnForm::coded;
        if (batch.levels[i].count > (is_coded ? std::size_t{1} << place.planes : 0u)) {
            std::abort();
        }
    }
}

}  // namespace erawise::fuzz
