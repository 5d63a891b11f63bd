#include "decode/parquet/feature_set.h"

#include <algorithm>
#include <atomic>

#include "decode/parquet/page_policy.h"

namespace erawise::decode {
namespace {

/// Columns that one task of the pool decodes: enough that handing out costs nothing. Fewer where
/// there are only a few: every worker shall have some.
constexpr std::size_t kColumnsPerTask = 16;
constexpr std::size_t kTasksPerWorker = 4;

/// Columns whose pages are asked for ahead: some hundred requests at a time.
constexpr std::size_t kColumnsAhead = 256;
constexpr std::uint64_t kHeadersAhead = 1024;

}  // namespace

FeatureSet::FeatureSet(const RandomFile& file, util::WorkerPool& pool, PageLimits limits)
    : file_(file), pool_(pool) {
    for (std::size_t worker = 0; worker < pool_.workers(); ++worker) {
        decoders_.push_back(std::make_unique<FeatureDecoder>(file_, limits));
    }
}

void FeatureSet::add(const ParquetColumn& column, std::uint32_t index, era::Piece piece) {
    features_.push_back({.column = &column, .index = index, .piece = piece});
}

void FeatureSet::set_limits(PageLimits limits) noexcept {
    for (const auto& decoder : decoders_) {
        decoder->set_limits(limits);
    }
}

void FeatureSet::open(std::span<const ColumnChunk> chunks, std::uint64_t rows) {
    for (std::size_t i = 0; i < features_.size(); ++i) {
        features_[i].open(chunks[i]);
    }
    group_rows_ = rows;
}

void FeatureSet::reopen() {
    for (FeatureColumn& feature : features_) {
        feature.open(feature.chunk);
    }
}

template <typename Look>
GroupFacts FeatureSet::look_at_pages(Look&& look) {
    std::vector<GroupFacts> seen(pool_.workers());
    for_each(0, features_.size(), 1, [&](std::size_t worker, std::size_t i) {
        seen[worker].add(look(*decoders_[worker], features_[i]), i);
    });
    GroupFacts all;
    for (const GroupFacts& facts : seen) {
        all.add(facts);
    }
    return all;
}

GroupFacts FeatureSet::probe_first_pages() {
    return look_at_pages([](FeatureDecoder& decoder, FeatureColumn& feature) {
        return decoder.probe().look_at_first(feature, kLongPageRows);
    });
}

GroupFacts FeatureSet::survey_pages() {
    return look_at_pages([](FeatureDecoder& decoder, FeatureColumn& feature) {
        return decoder.probe().look_at_all(feature, kLongPageRows);
    });
}

GroupFacts FeatureSet::look_at_headers() {
    return look_at_pages([](FeatureDecoder& decoder, FeatureColumn& feature) {
        return decoder.probe().look_at_headers(feature);
    });
}

PageFacts FeatureSet::probe_one(std::size_t index) {
    return decoders_.front()->probe().look_at_first(features_[index], kLongPageRows);
}

era::BlockLayout FeatureSet::layout() const {
    era::BlockLayout layout;
    for (const FeatureColumn& feature : features_) {
        layout.add(feature.form, feature.form == era::ColumnForm::coded ? feature.planes : 0u);
    }
    return layout;
}

/// Has the kernel read what the next rows of features [begin, end) need, from `positions` on: their
/// pages lie far apart, and a disk is quick only when it is asked for many at a time.
void FeatureSet::announce(std::size_t begin, std::size_t end, std::size_t rows,
                          std::span<const std::uint64_t> positions) const {
    if (!file_.is_cold()) {
        return;
    }
    for (std::size_t i = begin; i < std::min(end, features_.size()); ++i) {
        const ColumnChunk& chunk = features_[i].chunk;
        const std::uint64_t share =
            (chunk.end - chunk.begin) * std::min<std::uint64_t>(rows, group_rows_) / group_rows_;
        const std::uint64_t left = chunk.end - positions[i];
        if (left > 0) {
            file_.will_need(positions[i], std::min(share + kHeadersAhead, left));
        }
    }
}

/// Calls `body(worker, feature)` for features [first, last), of which `rows` rows are needed.
template <typename Body>
void FeatureSet::for_each(std::size_t first, std::size_t last, std::size_t rows, Body&& body) {
    const std::size_t count = std::clamp<std::size_t>(
        (last - first) / (kTasksPerWorker * pool_.workers()), 1, kColumnsPerTask);
    const std::size_t tasks = (last - first + count - 1) / count;
    std::vector<std::uint64_t> positions;  // the features themselves are at work then
    for (const FeatureColumn& feature : features_) {
        positions.push_back(feature.file_position());
    }
    pool_.for_each(tasks, [&](std::size_t worker, std::size_t task) {
        const std::size_t begin = first + task * count;
        const std::size_t end = std::min(last, begin + count);
        const std::size_t announced = task == 0 ? begin : begin + kColumnsAhead;
        announce(announced, std::min(last, end + kColumnsAhead), rows, positions);
        for (std::size_t i = begin; i < end; ++i) {
            body(worker, i);
        }
    });
}

bool FeatureSet::decode(std::size_t first, std::size_t last, std::size_t rows,
                        const TargetOf& target_of, std::size_t position) {
    std::atomic<bool> fits = true;
    for_each(first, last, rows, [&](std::size_t worker, std::size_t i) {
        if (decoders_[worker]->decode(features_[i], rows, target_of(i), position) ==
            LayoutFit::needs_new_layout) {
            fits = false;
        }
    });
    return fits;
}

bool FeatureSet::decode_all(std::size_t rows, const TargetOf& target_of, std::size_t position) {
    std::vector<FeatureColumn::Cursor> cursors;
    for (const FeatureColumn& feature : features_) {
        cursors.push_back(feature.cursor);
    }
    const auto go_back = [&] {
        for (std::size_t i = 0; i < features_.size(); ++i) {
            features_[i].cursor = cursors[i];
        }
    };
    try {
        const bool fits = decode(0, features_.size(), rows, target_of, position);
        if (!fits) {
            go_back();
        }
        return fits;
    } catch (const PageTooLarge&) {
        go_back();
        throw;
    }
}

std::span<std::byte> FeatureSet::lend(std::span<std::byte> memory, std::size_t share) {
    for (const auto& decoder : decoders_) {
        decoder->borrow({reinterpret_cast<char*>(memory.data()), share});
        memory = memory.subspan(share);
    }
    return memory;
}

void FeatureSet::take_back() {
    for (const auto& decoder : decoders_) {
        decoder->borrow({});
    }
}

PageCount FeatureSet::pages() const {
    PageCount count;
    for (const auto& decoder : decoders_) {
        count.fast += decoder->pages().fast;
        count.other += decoder->pages().other;
        count.sliced += decoder->pages().sliced;
    }
    return count;
}

std::uint64_t FeatureSet::bytes_per_feature(bool is_sliced) noexcept {
    // Itself, its chunk as it is read, its cursor and its place once more while it is decoded.
    const std::uint64_t bytes = sizeof(FeatureColumn) + sizeof(ColumnChunk) +
                                sizeof(FeatureColumn::Cursor) + sizeof(std::uint64_t);
    return bytes + (is_sliced ? sizeof(PageSlices) + sizeof(StreamedRuns::Mark) : 0);
}

}  // namespace erawise::decode
