#include "decode/parquet/page_probe.h"

#include <algorithm>
#include <limits>

namespace erawise::decode {

PageFacts PageProbe::look_at_first(FeatureColumn& column, std::size_t long_rows) {
    const Extent extent{.rows = PageRows::kStepRows, .long_rows = long_rows};
    PageFacts facts;
    const PageReader::Header first = look_at_page(column, column.chunk.begin, extent, facts);
    if (first.kind == PageKind::dictionary && first.end() < column.chunk.end) {
        look_at_page(column, first.end(), extent, facts);
    }
    column.cursor = {column.chunk.begin, 0};
    return facts;
}

PageFacts PageProbe::look_at_all(FeatureColumn& column, std::size_t long_rows) {
    const Extent extent{.rows = SIZE_MAX, .long_rows = long_rows, .is_survey = true};
    PageFacts facts;
    std::uint64_t offset = column.chunk.begin;
    for (std::uint64_t rows = 0; rows < column.chunk.values;) {
        const PageReader::Header header = look_at_page(column, offset, extent, facts);
        rows += header.kind == PageKind::data ? header.rows : 0;
        offset = header.end();
    }
    return facts;
}

PageFacts PageProbe::look_at_headers(FeatureColumn& column) {
    pages_.expect_any_size();
    PageReader::Header header =
        pages_.read_header(*column.column, column.chunk, column.chunk.begin);
    bool has_few_values = true;
    const std::uint64_t known = column.dictionary_page;
    if (header.kind == PageKind::dictionary && header.end() < column.chunk.end) {
        has_few_values = header.rows <= era::kMaxLevels;
        column.dictionary_page = header.begin;
        header = pages_.read_header(*column.column, column.chunk, header.end());
    }
    const PageFacts facts{.page_rows = header.rows,
                          .is_sliceable = has_few_values && SlicedRuns::takes(column, header)};
    column.dictionary_page = known;
    return facts;
}

/// What the page takes, and what it tells of the column.
PageReader::Header PageProbe::look_at_page(FeatureColumn& column, std::uint64_t offset,
                                           const Extent& extent, PageFacts& facts) {
    const PageReader::Header header = pages_.read_header(*column.column, column.chunk, offset);
    const std::uint64_t bytes = PageReader::bytes_of(column.chunk, header);
    facts.page_bytes = std::max(facts.page_bytes, bytes);
    if (header.kind == PageKind::dictionary) {
        facts.held_bytes = std::max(facts.held_bytes, bytes);
        see_dictionary(column, header, facts);
        return header;
    }
    const bool is_sliced = SlicedRuns::takes(column, header);
    if (facts.page_rows == 0) {
        facts.page_rows = header.rows;
        facts.is_sliceable = is_sliced;
    }
    if (!is_sliced || header.rows <= extent.long_rows) {
        facts.held_bytes = std::max(facts.held_bytes, bytes);
    }
    learn_page(column, header, extent);
    return header;
}

void PageProbe::see_dictionary(FeatureColumn& column, const PageReader::Header& header,
                               PageFacts& facts) {
    // No value of a number has less than half the bytes of a float.
    facts.dictionary_bytes = std::min(std::uint64_t{header.rows} * sizeof(float),
                                      std::uint64_t{header.uncompressed_bytes} * 2);
    learn_dictionary(column, header);
}

void PageProbe::learn_dictionary(FeatureColumn& column, const PageReader::Header& header) {
    if (header.rows > era::kMaxLevels) {
        column.form = era::ColumnForm::plain;
    }
    if (column.form == era::ColumnForm::plain) {
        return;
    }
    const Page page = pages_.read(*column.column, column.chunk, header);
    while (dictionary_.take(column, page) == LayoutFit::needs_new_layout &&
           column.form == era::ColumnForm::coded) {
    }
}

/// Of indices the dictionary has told everything but whether there is a null.
void PageProbe::learn_page(FeatureColumn& column, const PageReader::Header& header,
                           const Extent& extent) {
    const bool is_index = is_indexed(header.encoding);
    if (column.form == era::ColumnForm::plain || header.kind != PageKind::data ||
        (is_index && !null_takes_another_plane(column))) {
        return;
    }
    if (!pages_.has_room_for(column.chunk, header)) {
        column.form = extent.is_survey ? era::ColumnForm::plain : column.form;
        return;
    }
    const Page page = pages_.read(*column.column, column.chunk, header);
    const std::size_t rows = std::min<std::size_t>(page.rows, extent.rows);
    rows_.start(column, page);
    is_index ? learn_null(column, rows) : learn_values(column, rows);
    rows_.end();
}

void PageProbe::learn_values(FeatureColumn& column, std::size_t rows) {
    while (rows > 0 && column.form == era::ColumnForm::coded) {
        const std::size_t step = std::min(rows, PageRows::kStepRows);
        learn(column, rows_.read_values(column, step), {pages_, rows_.page_begin()});
        rows -= step;
    }
}

void PageProbe::learn_null(FeatureColumn& column, std::size_t rows) {
    std::size_t defined = rows_.all_defined() ? rows : 0;
    for (std::size_t row = 0; row < rows && !rows_.all_defined(); row += PageRows::kStepRows) {
        defined += rows_.read_defined(column, std::min(rows - row, PageRows::kStepRows));
    }
    std::uint8_t code = 0;
    if (defined < rows) {
        code_of(column, std::numeric_limits<float>::quiet_NaN(), code,
                {pages_, rows_.page_begin()});
    }
}

}  // namespace erawise::decode
