#include "decode/parquet/feature_decoder.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "util/error.h"

namespace erawise::decode {

FeatureDecoder::FeatureDecoder(const RandomFile& file, PageLimits limits)
    : kernels_(plane_kernels()),
      pages_(file, limits),
      sliced_runs_(file, pages_),
      words_(PageRows::kStepWords * 2 * era::kMaxPlanes) {
    for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
        codes_[plane] = words_.data() + plane * PageRows::kStepWords;
        spread_[plane] = words_.data() + (era::kMaxPlanes + plane) * PageRows::kStepWords;
    }
}

std::uint64_t FeatureDecoder::scratch_bytes() noexcept {
    return sizeof(FeatureDecoder) + PageRows::kScratchBytes + SlicedRuns::kScratchBytes +
           PageRows::kStepWords * 2 * era::kMaxPlanes * sizeof(std::uint64_t);
}

LayoutFit FeatureDecoder::decode(FeatureColumn& column, std::size_t rows,
                                 const ColumnTarget& target, std::size_t position) {
    if (column.form == era::ColumnForm::plain) {
        dictionary_.load(column);
    }
    while (rows > 0) {
        const Page* const held = page_at_cursor(column, rows);
        const Page page = held != nullptr ? *held : column.slices->page;
        if (page.kind == PageKind::dictionary) {
            if (decode_dictionary(column, page) == LayoutFit::needs_new_layout) {
                return LayoutFit::needs_new_layout;
            }
            continue;
        }
        const std::size_t take =
            std::min<std::size_t>(rows, page.rows - std::min(page.rows, column.cursor.skip));
        const auto decode_rows = [&] {
            return held != nullptr ? decode_held(column, page, take, target, position)
                                   : decode_slice(column, take, target, position);
        };
        if (take > 0 && decode_rows() == LayoutFit::needs_new_layout) {
            return LayoutFit::needs_new_layout;
        }
        position += take;
        rows -= take;
        column.cursor.skip += static_cast<std::uint32_t>(take);
        if (column.cursor.skip >= page.rows) {
            column.cursor = {page.next, 0};
        }
    }
    return LayoutFit::fits;
}

LayoutFit FeatureDecoder::decode_dictionary(FeatureColumn& column, const Page& page) {
    const LayoutFit fit = dictionary_.take(column, page);
    if (fit == LayoutFit::fits) {
        column.cursor = {page.next, 0};
    }
    return fit;
}

/// The page at the cursor; nullptr where the next `rows` rows are a slice of it.
const Page* FeatureDecoder::page_at_cursor(FeatureColumn& column, std::size_t rows) {
    const std::uint64_t offset = column.cursor.page;
    if (column.slices && column.form == era::ColumnForm::coded &&
        column.slices->page.begin == offset && column.slices->row == column.cursor.skip) {
        return nullptr;
    }
    column.slices.reset();
    if (pages_.holds(offset)) {
        return &pages_.read(*column.column, column.chunk, offset);
    }
    const PageReader::Header header = pages_.read_header(*column.column, column.chunk, offset);
    column.cursor.page = header.begin;
    if (header.rows > rows && SlicedRuns::takes(column, header) && begin_slices(column, header)) {
        return nullptr;
    }
    return &pages_.read(*column.column, column.chunk, header);
}

/// False when the page has to be in memory as a whole after all.
bool FeatureDecoder::begin_slices(FeatureColumn& column, const PageReader::Header& header) {
    column.slices = sliced_runs_.begin(column, header);
    column.needs_whole_pages = column.slices == nullptr;
    if (column.slices) {
        ++rows_.count().fast;
        ++rows_.count().sliced;
    }
    return column.slices != nullptr;
}

/// The next rows of the page in column.slices.
LayoutFit FeatureDecoder::decode_slice(FeatureColumn& column, std::size_t rows,
                                       const ColumnTarget& target, std::size_t position) {
    PageSlices& slices = *column.slices;
    LayoutFit fit = LayoutFit::fits;
    try {
        fit = decode_slice_rows(column, rows, target, position);
    } catch (const util::Error&) {
        if (!sliced_runs_.repeats_too_far(slices)) {
            throw;
        }
        column.needs_whole_pages = true;
        column.slices.reset();
        return decode_held(column, pages_.read(*column.column, column.chunk, column.cursor.page),
                           rows, target, position);
    }
    if (fit == LayoutFit::fits) {
        slices.row = column.cursor.skip + static_cast<std::uint32_t>(rows);
        sliced_runs_.keep(slices);
        if (slices.row == slices.page.rows) {
            column.slices.reset();
        }
    }
    return fit;
}

LayoutFit FeatureDecoder::decode_slice_rows(FeatureColumn& column, std::size_t rows,
                                            const ColumnTarget& target, std::size_t position) {
    const PageSlices& slices = *column.slices;
    sliced_runs_.open(slices, rows);
    rows_.start(column, slices, sliced_runs_);
    rows_.skip(column, column.cursor.skip - slices.row);
    const LayoutFit fit = decode_codes(column, rows, target, position);
    if (fit == LayoutFit::fits && column.cursor.skip + rows == slices.page.rows) {
        sliced_runs_.finish(column, slices.page.begin);
    }
    return fit;
}

/// The next rows of a page in memory, which goes on where it was, if nothing came in between.
LayoutFit FeatureDecoder::decode_held(FeatureColumn& column, const Page& page, std::size_t rows,
                                      const ColumnTarget& target, std::size_t position) {
    if (!rows_.is_at(column)) {
        rows_.start(column, page);
        rows_.skip(column, column.cursor.skip);
    }
    rows_.advance(rows);
    const LayoutFit fit = rows_.is_fast() ? decode_codes(column, rows, target, position)
                                          : decode_values(column, rows, target, position);
    if (fit == LayoutFit::needs_new_layout || rows_.is_at_end()) {
        rows_.end();
    }
    return fit;
}

LayoutFit FeatureDecoder::decode_codes(FeatureColumn& column, std::size_t rows,
                                       const ColumnTarget& target, std::size_t position) {
    if (rows_.all_defined() && column.map_is_identity && rows_.index_bits() <= column.planes) {
        decode_identical_codes(column, rows, target, position);
        return LayoutFit::fits;
    }
    while (rows > 0) {
        const std::size_t step = std::min(rows, PageRows::kStepRows);
        if (decode_codes_step(column, step, target, position) == LayoutFit::needs_new_layout) {
            return LayoutFit::needs_new_layout;
        }
        position += step;
        rows -= step;
    }
    return LayoutFit::fits;
}

/// The dictionary's order is that of the levels: nothing is looked at.
void FeatureDecoder::decode_identical_codes(const FeatureColumn& column, std::size_t rows,
                                            const ColumnTarget& target, std::size_t position) {
    rows_.read_codes(column, rows, target.planes, position);
    for (unsigned plane = rows_.index_bits(); plane < column.planes; ++plane) {
        fill_bits(target.planes[plane], position, false, rows);
    }
}

LayoutFit FeatureDecoder::decode_codes_step(FeatureColumn& column, std::size_t rows,
                                            const ColumnTarget& target, std::size_t position) {
    const std::size_t values = rows_.all_defined() ? rows : rows_.read_defined(column, rows);
    read_mapped_codes(column, values);
    std::uint8_t missing = 0;
    if (values < rows && code_of(column, std::numeric_limits<float>::quiet_NaN(), missing,
                                 {pages_, rows_.page_begin()}) == LayoutFit::needs_new_layout) {
        return LayoutFit::needs_new_layout;
    }
    for (unsigned plane = 0; plane < column.planes; ++plane) {
        const std::uint64_t* const bits =
            values < rows ? spread(plane, rows, (missing >> plane & 1) != 0) : codes_[plane];
        copy_bits(bits, 0, target.planes[plane], position, rows);
    }
    return LayoutFit::fits;
}

/// The codes of the next `count` values as the column has them, in codes_.
void FeatureDecoder::read_mapped_codes(const FeatureColumn& column, std::size_t count) {
    rows_.read_codes(column, count, codes_, 0);
    const unsigned index_bits = rows_.index_bits();
    const unsigned width = std::max<unsigned>(index_bits, column.planes);
    for (unsigned plane = index_bits; plane < width; ++plane) {
        fill_bits(codes_[plane], 0, false, count);
    }
    if (!column.map_is_identity || index_bits > column.planes) {
        era::map_codes(codes_, count, index_bits, column.map, column.planes);
    }
}

/// A plane of codes_ where the rows are that have a value; the others have `missing_bit`.
const std::uint64_t* FeatureDecoder::spread(unsigned plane, std::size_t rows, bool missing_bit) {
    const std::uint64_t* const defined = rows_.defined();
    kernels_.spread(codes_[plane], defined, rows, spread_[plane]);
    if (missing_bit) {
        for (std::size_t word = 0; word * 64 < rows; ++word) {
            spread_[plane][word] |= ~defined[word];
        }
    }
    return spread_[plane];
}

LayoutFit FeatureDecoder::decode_values(FeatureColumn& column, std::size_t rows,
                                        const ColumnTarget& target, std::size_t position) {
    while (rows > 0) {
        const std::size_t step = std::min(rows, PageRows::kStepRows);
        const std::span<const float> values = rows_.read_values(column, step);
        if (column.form == era::ColumnForm::plain) {
            copy_values(column, values, target.values + position);
        } else if (encode(column, values, target.planes, position, {pages_, rows_.page_begin()}) ==
                   LayoutFit::needs_new_layout) {
            return LayoutFit::needs_new_layout;
        }
        position += step;
        rows -= step;
    }
    return LayoutFit::fits;
}

void FeatureDecoder::copy_values(const FeatureColumn& column, std::span<const float> values,
                                 float* target) const {
    for (const float value : values) {
        if (std::isinf(value)) {
            pages_.fail_infinite(*column.column, rows_.page_begin(), value);
        }
        *target++ = value;
    }
}

}  // namespace erawise::decode
