#include "decode/parquet/page_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace erawise::decode {
namespace {

/// Whether one run says that all rows have a value.
bool has_value_everywhere(HybridRuns levels, std::size_t rows) {
    const HybridRuns::Run run = levels.next(rows);
    return run.kind == HybridRuns::Kind::repeated && run.value == 1 && run.count == rows;
}

std::size_t ones_of(const HybridRuns::Run& run) {
    if (run.kind == HybridRuns::Kind::repeated) {
        return run.value == 1 ? run.count : 0;
    }
    std::size_t ones = 0;
    for (std::size_t i = 0; i < run.count; ++i) {
        ones += packed_value(run.bytes, run.first + i, 1);
    }
    return ones;
}

/// The bits of word `word` that are among bits [first, last].
std::uint64_t bits_within(std::size_t word, std::size_t first, std::size_t last) {
    std::uint64_t bits = ~std::uint64_t{0};
    if (word == first / 64) {
        bits &= ~std::uint64_t{0} << (first % 64);
    }
    if (word == last / 64) {
        bits &= ~std::uint64_t{0} >> (63 - last % 64);
    }
    return bits;
}

/// Which codes of a word are above `most`: compared from the highest plane down.
std::uint64_t codes_above(const Planes& planes, unsigned width, std::size_t word,
                          std::size_t most) {
    std::uint64_t above = 0;
    std::uint64_t equal = ~std::uint64_t{0};
    for (unsigned plane = width; plane-- > 0;) {
        const std::uint64_t bits = planes[plane][word];
        if ((most >> plane & 1) == 0) {
            above |= equal & bits;
            equal &= ~bits;
        } else {
            equal &= bits;
        }
    }
    return above;
}

}  // namespace

PageRows::PageRows(PageReader& pages, FeatureDictionary& dictionary)
    : kernels_(plane_kernels()),
      pages_(pages),
      dictionary_(dictionary),
      defined_(kStepWords),
      values_(kStepRows) {}

void PageRows::fail(const FeatureColumn& column, const std::string& what) const {
    pages_.fail(*column.column, page_.begin, what);
}

bool PageRows::is_at(const FeatureColumn& column) const noexcept {
    return generation_ == pages_.generation() && row_ == column.cursor.skip &&
           piece_ == column.piece && !(is_fast_ && column.form == era::ColumnForm::plain);
}

void PageRows::start(const FeatureColumn& column, const Page& page) {
    page_ = page;
    generation_ = pages_.generation();
    row_ = 0;
    piece_ = column.piece;
    runs_ = &held_runs_;
    held_runs_.close();
    numbers_ = {};
    look_at_levels(column);
    start_indices(column);
    if (!is_fast_) {
        start_values(column);
    }
    (is_fast_ ? count_.fast : count_.other) += 1;
}

void PageRows::start(const FeatureColumn& column, const PageSlices& slices, SlicedRuns& runs) {
    page_ = slices.page;
    generation_ = 0;
    row_ = slices.row;
    piece_ = column.piece;
    is_fast_ = true;
    all_defined_ = slices.levels == nullptr;
    index_bits_ = slices.index_bits;
    runs_ = &runs;
}

void PageRows::look_at_levels(const FeatureColumn& column) {
    all_defined_ = !column.column->is_optional;
    if (!all_defined_) {
        held_runs_.open_levels(page_.levels);
        all_defined_ = has_value_everywhere(held_runs_.levels(), page_.rows);
    }
}

void PageRows::start_indices(const FeatureColumn& column) {
    const bool has_values = !page_.values.empty();
    index_bits_ = has_values ? static_cast<std::uint8_t>(page_.values.front()) : 0;
    is_fast_ = is_indexed(page_.encoding) && column.form == era::ColumnForm::coded &&
               index_bits_ <= era::kMaxPlanes;
    if (is_indexed(page_.encoding) && column.dictionary_page == 0 && has_values) {
        fail(column, "it refers to a dictionary, and there is none");
    }
    if (is_fast_ && has_values) {
        held_runs_.open_indices(page_.values.subspan(1), index_bits_);
    }
}

void PageRows::start_values(const FeatureColumn& column) {
    const std::size_t values = all_defined_ ? page_.rows : count_values(column);
    if (is_indexed(page_.encoding)) {
        dictionary_.restore(column);
    }
    numbers_ = NumberValues(*column.column, page_, values, dictionary_.values(), column.piece);
}

/// How many values there are is known only where there are no nulls; the levels tell.
std::size_t PageRows::count_values(const FeatureColumn& column) const {
    std::size_t values = 0;
    HybridRuns ahead = held_runs_.levels();
    for (std::size_t left = page_.rows; left > 0;) {
        const HybridRuns::Run run = ahead.next(left);
        if (run.count == 0) {
            fail(column, "its levels are damaged");
        }
        left -= run.count;
        values += ones_of(run);
    }
    return values;
}

void PageRows::skip(const FeatureColumn& column, std::size_t rows) {
    advance(rows);
    while (rows > 0) {
        const std::size_t step = std::min(rows, kStepRows);
        if (is_fast_) {
            const std::size_t values = all_defined_ ? step : read_defined(column, step);
            if (!skip_values([this](std::size_t limit) { return runs_->next_index(limit); },
                             values)) {
                fail(column, "it has fewer values than rows");
            }
        } else {
            read_values(column, step);
        }
        rows -= step;
    }
}

std::size_t PageRows::read_defined(const FeatureColumn& column, std::size_t rows) {
    const Planes bits = {defined_.data(), nullptr, nullptr, nullptr};
    std::size_t done = 0;
    while (done < rows) {
        const HybridRuns::Run run = runs_->next_level(rows - done);
        if (run.count == 0 || run.value > 1) {
            fail(column, "its levels are damaged");
        }
        if (run.kind == HybridRuns::Kind::repeated) {
            fill_bits(defined_.data(), done, run.value == 1, run.count);
        } else {
            kernels_.unpack(run.bytes, run.first, run.count, 1, bits, done);
        }
        done += run.count;
    }
    if (rows % 64 != 0) {
        defined_[rows / 64] &= (std::uint64_t{1} << (rows % 64)) - 1;
    }
    return count_ones(defined_.data(), rows);
}

void PageRows::read_codes(const FeatureColumn& column, std::size_t count, const Planes& planes,
                          std::size_t position) {
    const std::size_t begin = position;
    for (std::size_t left = count; left > 0;) {
        const HybridRuns::Run run = runs_->next_index(left);
        const bool is_repeated = run.kind == HybridRuns::Kind::repeated;
        if (run.count == 0 || (is_repeated && run.value >= column.dictionary_size)) {
            fail(column, "it has fewer values than rows, or they are damaged");
        }
        if (is_repeated || index_bits_ == 0) {
            for (unsigned plane = 0; plane < index_bits_; ++plane) {
                fill_bits(planes[plane], position, ((run.value >> plane) & 1) != 0, run.count);
            }
        } else {
            kernels_.unpack(run.bytes, run.first, run.count, index_bits_, planes, position);
        }
        position += run.count;
        left -= run.count;
    }
    check_codes(column, planes, begin, count);
}

/// Packed codes may point behind the dictionary: compares all with its size, plane by plane.
void PageRows::check_codes(const FeatureColumn& column, const Planes& planes, std::size_t position,
                           std::size_t count) const {
    const std::size_t size = column.dictionary_size;
    if (count == 0 || size >= std::size_t{1} << index_bits_) {
        return;
    }
    std::uint64_t damaged = size == 0 ? 1 : 0;
    const std::size_t last = position + count - 1;
    for (std::size_t word = position / 64; word <= last / 64; ++word) {
        damaged |=
            codes_above(planes, index_bits_, word, size - 1) & bits_within(word, position, last);
    }
    if (damaged != 0) {
        fail(column, fmt::format("a value refers behind the {} entries of its dictionary", size));
    }
}

std::span<const float> PageRows::read_values(const FeatureColumn& column, std::size_t rows) {
    const std::size_t defined = all_defined_ ? rows : read_defined(column, rows);
    if (!numbers_.read({values_.data(), defined})) {
        fail(column, fmt::format("its values ({} {}) are damaged, or fewer than its rows",
                                 name_of(page_.encoding), name_of(column.column->type)));
    }
    std::size_t from = defined;
    for (std::size_t row = rows; row-- > 0 && defined < rows;) {
        const bool is_defined = (defined_[row / 64] >> (row % 64) & 1) != 0;
        values_[row] = is_defined ? values_[--from] : std::numeric_limits<float>::quiet_NaN();
    }
    return {values_.data(), rows};
}

}  // namespace erawise::decode
