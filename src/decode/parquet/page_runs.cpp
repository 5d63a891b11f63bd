#include "decode/parquet/page_runs.h"

namespace erawise::decode {
namespace {

/// What is read of a page to know how it begins.
constexpr std::size_t kBeginning = 512;

/// Bytes that `rows` values of `bits` bits take, with the lengths of their runs.
std::size_t run_bytes(std::size_t rows, unsigned bits) {
    return rows * bits / 8 + rows / 256 + 64;
}

/// Its header and place; the bytes stay in the file.
std::unique_ptr<PageSlices> slices_of(const ColumnChunk& chunk, const PageReader::Header& header) {
    auto slices = std::make_unique<PageSlices>();
    slices->place = PageStream::place_of(chunk, header);
    slices->page.kind = header.kind;
    slices->page.encoding = header.encoding;
    slices->page.rows = header.rows;
    slices->page.begin = header.begin;
    slices->page.next = header.end();
    return slices;
}

}  // namespace

bool SlicedRuns::takes(const FeatureColumn& column, const PageReader::Header& header) {
    const bool is_optional = column.column->is_optional;
    return !column.needs_whole_pages && column.form == era::ColumnForm::coded &&
           header.kind == PageKind::data && is_indexed(header.encoding) &&
           column.dictionary_page != 0 && !(header.has_plain_levels && is_optional) &&
           (!header.is_v2 || !is_optional || header.level_bytes > 0) &&
           PageStream::takes(PageStream::place_of(column.chunk, header));
}

std::unique_ptr<PageSlices> SlicedRuns::begin(const FeatureColumn& column,
                                              const PageReader::Header& header) {
    std::unique_ptr<PageSlices> slices = slices_of(column.chunk, header);
    index_stream_.open(slices->place, {}, kBeginning);
    bool is_read = pass_levels(column, header, *slices);
    char index_bits = 0;
    if (is_read && index_stream_.left() > 0) {
        is_read = index_stream_.read({&index_bits, 1});
    }
    slices->index_bits = static_cast<std::uint8_t>(index_bits);
    if (index_stream_.repeats_too_far() || slices->index_bits > era::kMaxPlanes) {
        return nullptr;
    }
    if (!is_read) {
        pages_.fail(*column.column, header.begin, kDoesNotUnpack);
    }
    slices->indices.stream = index_stream_.mark();
    slices->indices.bytes_left = index_stream_.left();
    return slices;
}

/// Up to where the indices begin. False: the page ends before.
bool SlicedRuns::pass_levels(const FeatureColumn& column, const PageReader::Header& header,
                             PageSlices& slices) {
    std::uint32_t level_bytes = header.level_bytes;
    bool is_read = index_stream_.skip(header.repetition_bytes);
    if (column.column->is_optional) {
        if (!header.is_v2) {
            is_read =
                index_stream_.read({reinterpret_cast<char*>(&level_bytes), sizeof level_bytes});
        }
        begin_levels(slices, level_bytes);
        index_stream_.open(slices.place, index_stream_.mark(), level_bytes + kBeginning);
    }
    return is_read && index_stream_.skip(level_bytes);
}

/// The levels begin where index_stream_ is.
void SlicedRuns::begin_levels(PageSlices& slices, std::uint64_t bytes) {
    StreamedRuns::Mark begin;
    begin.stream = index_stream_.mark();
    begin.bytes_left = bytes;
    levels_.open(slices.place, 1, begin, kBeginning);
    const HybridRuns::Run run = levels_.next(slices.page.rows);
    if (run.kind != HybridRuns::Kind::repeated || run.value != 1 || run.count != slices.page.rows) {
        slices.levels = std::make_unique<StreamedRuns::Mark>(begin);
    }
}

void SlicedRuns::open(const PageSlices& slices, std::size_t rows) {
    indices_.open(slices.place, slices.index_bits, slices.indices,
                  run_bytes(rows, slices.index_bits));
    if (slices.levels) {
        levels_.open(slices.place, 1, *slices.levels, run_bytes(rows, 1));
    }
}

void SlicedRuns::keep(PageSlices& slices) const {
    slices.indices = indices_.mark();
    if (slices.levels) {
        *slices.levels = levels_.mark();
    }
}

void SlicedRuns::finish(const FeatureColumn& column, std::uint64_t page) {
    index_stream_.finish(pages_, *column.column, page);
}

}  // namespace erawise::decode
