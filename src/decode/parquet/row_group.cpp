#include "decode/parquet/row_group.h"

#include <span>

namespace erawise::decode {

void OpenRowGroup::rewind() noexcept {
    next_ = 0;
    row_ = 0;
}

bool OpenRowGroup::open_next() {
    while (next_ < footer_.row_groups().size() && footer_.row_groups()[next_].rows == 0) {
        ++next_;
    }
    if (next_ == footer_.row_groups().size()) {
        return false;
    }
    const std::vector<ColumnChunk> chunks = footer_.chunks(next_, columns_);
    const std::span<const ColumnChunk> all(chunks);
    features_.open(all.first(features_.size()), footer_.row_groups()[next_].rows);
    labels_.open(all.subspan(features_.size()));
    ++next_;
    row_ = 0;
    texts_ = labels_.look_at_pages();
    if (sample_ < features_.size()) {
        look_at_sample();
    }
    return true;
}

void OpenRowGroup::look_at_sample() {
    sample_facts_ = features_.probe_one(sample_);
}

GroupNeeds OpenRowGroup::needs() const noexcept {
    const bool is_sliceable = sample_facts_.is_sliceable;
    return {.rows = rows(),
            .page_rows = sample_facts_.page_rows,
            .features = 1,
            .sliceable = is_sliceable ? std::size_t{1} : std::size_t{0},
            .other_rows = is_sliceable ? 0 : sample_facts_.page_rows};
}

GroupNeeds OpenRowGroup::needs_of_all() {
    if (facts_of_ != next_) {
        take_facts(features_.look_at_headers());
    }
    return {.rows = rows(),
            .page_rows = sample_facts_.page_rows,
            .features = features_.size(),
            .sliceable = facts_.sliceable,
            .other_rows = facts_.other_rows};
}

void OpenRowGroup::take_facts(const GroupFacts& facts) noexcept {
    facts_ = facts;
    facts_of_ = next_;
}

bool OpenRowGroup::fits(const era::BlockLayout& layout) const noexcept {
    if (features_.size() == 0) {
        return true;
    }
    const FeatureColumn& column = features_[sample_];
    const era::BlockLayout::Column& place = layout.columns[sample_];
    return place.form == column.form &&
           (place.form == era::ColumnForm::plain || place.planes == column.planes);
}

}  // namespace erawise::decode
