#include "decode/parquet/feature_column.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "util/error.h"

namespace erawise::decode {
namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

bool is_indexed(Encoding encoding) {
    return encoding == Encoding::plain_dictionary || encoding == Encoding::rle_dictionary;
}

std::uint32_t bits_of(float value) {
    return std::bit_cast<std::uint32_t>(value);
}

/// What is read of a page to know how it begins.
constexpr std::size_t kBeginning = 512;

/// Bytes that `rows` values of `bits` bits take, with the lengths of their runs.
std::size_t run_bytes(std::size_t rows, unsigned bits) {
    return rows * bits / 8 + rows / 256 + 64;
}

/// Pages of codes that need not be in memory as a whole.
bool is_sliceable(const FeatureColumn& column, const PageReader::Header& header) {
    const bool is_optional = column.column->is_optional;
    return !column.needs_whole_pages && column.form == era::ColumnForm::coded &&
           header.kind == PageKind::data && is_indexed(header.encoding) &&
           column.dictionary_page != 0 && !(header.has_plain_levels && is_optional) &&
           (!header.is_v2 || !is_optional || header.level_bytes > 0) &&
           PageStream::takes(PageStream::place_of(column.chunk, header));
}

/// Whether all codes are taken, and none by the missing value.
bool null_takes_another_plane(const FeatureColumn& column) {
    const auto levels = column.levels.span();
    return column.column->is_optional && levels.size() == std::size_t{1} << column.planes &&
           std::ranges::none_of(levels, [](float level) { return std::isnan(level); });
}

}  // namespace

FeatureDecoder::FeatureDecoder(const RandomFile& file, PageLimits limits)
    : kernels_(plane_kernels()),
      pages_(file, limits),
      index_stream_(file),
      level_stream_(file),
      words_(kStepWords * (2 * era::kMaxPlanes + 1)),
      values_(kStepRows) {
    for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
        codes_[plane] = words_.data() + plane * kStepWords;
        spread_[plane] = words_.data() + (era::kMaxPlanes + plane) * kStepWords;
    }
    defined_ = words_.data() + 2 * era::kMaxPlanes * kStepWords;
}

std::uint64_t FeatureDecoder::scratch_bytes() noexcept {
    return sizeof(FeatureDecoder) + kStepWords * (2 * era::kMaxPlanes + 1) * sizeof(std::uint64_t) +
           kStepRows * sizeof(float) +
           2 * (PageStream::kInputBytes + PageStream::kHistoryBytes + StreamedRuns::kPieceBytes);
}

void FeatureDecoder::fail(const FeatureColumn& column, std::uint64_t page,
                          const std::string& what) const {
    pages_.fail(*column.column, page, what);
}

FeatureDecoder::Probe FeatureDecoder::probe(FeatureColumn& column, std::size_t long_rows) {
    const Extent extent{.rows = kStepRows, .long_rows = long_rows};
    Probe probe;
    const PageReader::Header first = look_at_page(column, column.chunk.begin, extent, probe);
    if (first.kind == PageKind::dictionary && first.end() < column.chunk.end) {
        look_at_page(column, first.end(), extent, probe);
    }
    column.cursor = {column.chunk.begin, 0};
    return probe;
}

FeatureDecoder::Probe FeatureDecoder::survey(FeatureColumn& column, std::size_t long_rows) {
    const Extent extent{.rows = SIZE_MAX, .long_rows = long_rows, .is_survey = true};
    Probe probe;
    std::uint64_t offset = column.chunk.begin;
    for (std::uint64_t rows = 0; rows < column.chunk.values;) {
        const PageReader::Header header = look_at_page(column, offset, extent, probe);
        rows += header.kind == PageKind::data ? header.rows : 0;
        offset = header.end();
    }
    return probe;
}

/// What the page takes, and what it tells of the column.
PageReader::Header FeatureDecoder::look_at_page(FeatureColumn& column, std::uint64_t offset,
                                                const Extent& extent, Probe& probe) {
    const PageReader::Header header = pages_.read_header(*column.column, column.chunk, offset);
    const std::uint64_t bytes = PageReader::bytes_of(column.chunk, header);
    probe.page_bytes = std::max(probe.page_bytes, bytes);
    if (header.kind == PageKind::dictionary) {
        // No value of a number has less than half the bytes of a float.
        probe.dictionary_bytes = std::min(std::uint64_t{header.rows} * sizeof(float),
                                          std::uint64_t{header.uncompressed_bytes} * 2);
        probe.held_bytes = std::max(probe.held_bytes, bytes);
        learn_dictionary(column, header);
        return header;
    }
    const bool is_sliced = is_sliceable(column, header);
    if (probe.page_rows == 0) {
        probe.page_rows = header.rows;
        probe.is_sliceable = is_sliced;
    }
    if (!is_sliced || header.rows <= extent.long_rows) {
        probe.held_bytes = std::max(probe.held_bytes, bytes);
    }
    learn_page(column, header, extent);
    return header;
}

void FeatureDecoder::learn_dictionary(FeatureColumn& column, const PageReader::Header& header) {
    if (header.rows > era::kMaxLevels) {
        column.form = era::ColumnForm::plain;
    }
    if (column.form == era::ColumnForm::plain) {
        return;
    }
    const Page page = pages_.read(*column.column, column.chunk, header);
    while (take_dictionary(column, page) == Result::needs_new_layout &&
           column.form == era::ColumnForm::coded) {
    }
}

/// Of indices the dictionary has told everything but whether there is a null.
void FeatureDecoder::learn_page(FeatureColumn& column, const PageReader::Header& header,
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
    start_page(column, page);
    is_index ? learn_null(column, page, rows) : learn_values(column, page, rows);
    at_.generation = 0;
}

void FeatureDecoder::learn_values(FeatureColumn& column, const Page& page, std::size_t rows) {
    while (rows > 0 && column.form == era::ColumnForm::coded) {
        const std::size_t step = std::min(rows, kStepRows);
        read_values(column, page, step);
        while (encode(column, step, codes_, 0, page.begin) == Result::needs_new_layout &&
               column.form == era::ColumnForm::coded) {
        }
        rows -= step;
    }
}

void FeatureDecoder::learn_null(FeatureColumn& column, const Page& page, std::size_t rows) {
    std::size_t defined = at_.all_defined ? rows : 0;
    for (std::size_t row = 0; row < rows && !at_.all_defined; row += kStepRows) {
        defined += read_defined(column, page, std::min(rows - row, kStepRows));
    }
    std::uint8_t code = 0;
    if (defined < rows) {
        add_level(column, kMissing, code, page.begin);
    }
}

FeatureDecoder::Result FeatureDecoder::decode(FeatureColumn& column, std::size_t rows,
                                              const ColumnTarget& target, std::size_t position) {
    if (column.form == era::ColumnForm::plain) {
        load_dictionary(column);
    }
    while (rows > 0) {
        const Page* const held = page_at_cursor(column, rows);
        const Page page = held != nullptr ? *held : column.slices->page;
        if (page.kind == PageKind::dictionary) {
            if (take_dictionary(column, page) == Result::needs_new_layout) {
                return Result::needs_new_layout;
            }
            column.cursor = {page.next, 0};
            continue;
        }
        const std::size_t take =
            std::min<std::size_t>(rows, page.rows - std::min(page.rows, column.cursor.skip));
        const auto decode_rows = [&] {
            return held != nullptr ? decode_part(column, page, take, target, position)
                                   : decode_slice(column, take, target, position);
        };
        if (take > 0 && decode_rows() == Result::needs_new_layout) {
            return Result::needs_new_layout;
        }
        position += take;
        rows -= take;
        column.cursor.skip += static_cast<std::uint32_t>(take);
        if (column.cursor.skip >= page.rows) {
            column.cursor = {page.next, 0};
        }
    }
    return Result::done;
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
    if (header.rows > rows && is_sliceable(column, header) && open_slices(column, header)) {
        return nullptr;
    }
    return &pages_.read(*column.column, column.chunk, header);
}

/// False when the page has to be in memory as a whole after all.
bool FeatureDecoder::open_slices(FeatureColumn& column, const PageReader::Header& header) {
    auto slices = std::make_unique<PageSlices>();
    slices->place = PageStream::place_of(column.chunk, header);
    slices->page.kind = header.kind;
    slices->page.encoding = header.encoding;
    slices->page.rows = header.rows;
    slices->page.begin = header.begin;
    slices->page.next = header.end();
    index_stream_.open(slices->place, {}, kBeginning);

    std::uint32_t level_bytes = header.level_bytes;
    bool is_read = index_stream_.skip(header.repetition_bytes);
    if (column.column->is_optional) {
        if (!header.is_v2) {
            is_read =
                index_stream_.read({reinterpret_cast<char*>(&level_bytes), sizeof level_bytes});
        }
        open_levels(*slices, level_bytes);
        index_stream_.open(slices->place, index_stream_.mark(), level_bytes + kBeginning);
    }
    is_read = is_read && index_stream_.skip(level_bytes);
    char index_bits = 0;
    if (is_read && index_stream_.left() > 0) {
        is_read = index_stream_.read({&index_bits, 1});
    }
    slices->index_bits = static_cast<std::uint8_t>(index_bits);
    if (index_stream_.repeats_too_far() || slices->index_bits > era::kMaxPlanes) {
        column.needs_whole_pages = true;
        return false;
    }
    if (!is_read) {
        fail(column, header.begin, kDoesNotUnpack);
    }
    slices->indices.stream = index_stream_.mark();
    slices->indices.bytes_left = index_stream_.left();
    column.slices = std::move(slices);
    ++count_.fast;
    ++count_.sliced;
    return true;
}

/// The levels begin where index_stream_ is.
void FeatureDecoder::open_levels(PageSlices& slices, std::uint64_t bytes) {
    StreamedRuns::Mark begin;
    begin.stream = index_stream_.mark();
    begin.bytes_left = bytes;
    streamed_levels_.open(slices.place, 1, begin, kBeginning);
    const HybridRuns::Run run = streamed_levels_.next(slices.page.rows);
    if (run.kind != HybridRuns::Kind::repeated || run.value != 1 || run.count != slices.page.rows) {
        slices.levels = std::make_unique<StreamedRuns::Mark>(begin);
    }
}

/// The next rows of the page in column.slices.
FeatureDecoder::Result FeatureDecoder::decode_slice(FeatureColumn& column, std::size_t rows,
                                                    const ColumnTarget& target,
                                                    std::size_t position) {
    PageSlices& slices = *column.slices;
    at_ = {};
    at_.is_fast = true;
    at_.is_sliced = true;
    at_.all_defined = slices.levels == nullptr;
    at_.index_bits = slices.index_bits;
    streamed_indices_.open(slices.place, slices.index_bits, slices.indices,
                           run_bytes(rows, slices.index_bits));
    if (slices.levels) {
        streamed_levels_.open(slices.place, 1, *slices.levels, run_bytes(rows, 1));
    }
    Result result = Result::done;
    try {
        skip_rows(column, slices.page, column.cursor.skip - slices.row);
        result = decode_fast(column, slices.page, rows, target, position);
        if (result == Result::done && column.cursor.skip + rows == slices.page.rows) {
            index_stream_.finish(pages_, *column.column, slices.page.begin);
        }
    } catch (const util::Error&) {
        if (!index_stream_.repeats_too_far() &&
            !(slices.levels && level_stream_.repeats_too_far())) {
            throw;
        }
        column.needs_whole_pages = true;
        column.slices.reset();
        return decode_part(column, pages_.read(*column.column, column.chunk, column.cursor.page),
                           rows, target, position);
    }
    if (result == Result::done) {
        slices.row = column.cursor.skip + static_cast<std::uint32_t>(rows);
        slices.indices = streamed_indices_.mark();
        if (slices.levels) {
            *slices.levels = streamed_levels_.mark();
        }
        if (slices.row == slices.page.rows) {
            column.slices.reset();
        }
    }
    return result;
}

HybridRuns::Run FeatureDecoder::next_level(std::size_t limit) {
    return at_.is_sliced ? streamed_levels_.next(limit) : at_.levels.next(limit);
}

HybridRuns::Run FeatureDecoder::next_index(std::size_t limit) {
    return at_.is_sliced ? streamed_indices_.next(limit) : at_.indices.next(limit);
}

/// Up to 16 entries become levels, and the chunk's codes a map to them; more than that, or a plain
/// column, keeps the values.
FeatureDecoder::Result FeatureDecoder::take_dictionary(FeatureColumn& column, const Page& page) {
    Page plain = page;
    plain.encoding = Encoding::plain;
    NumberValues numbers(*column.column, plain, page.rows, {}, column.piece);
    // What the page's bytes can hold was compared with its header. Nobody has a dictionary of bits.
    if (page.rows > page.values.size()) {
        fail(column, page.begin,
             fmt::format("a dictionary of {} values in {} bytes", page.rows, page.values.size()));
    }
    dictionary_.resize(page.rows);
    if (!numbers.read(dictionary_)) {
        fail(column, page.begin, "the dictionary is damaged");
    }
    dictionary_page_ = page.begin;
    dictionary_piece_ = column.piece;
    column.dictionary_page = page.begin;
    column.dictionary_size = page.rows;
    if (column.form == era::ColumnForm::plain) {
        return Result::done;
    }
    if (page.rows > era::kMaxLevels) {
        column.form = era::ColumnForm::plain;
        return Result::needs_new_layout;
    }
    column.map_is_identity = true;
    for (std::uint8_t i = 0; i < page.rows; ++i) {
        if (add_level(column, dictionary_[i], column.map[i], page.begin) ==
            Result::needs_new_layout) {
            return Result::needs_new_layout;
        }
        column.map_is_identity = column.map_is_identity && column.map[i] == i;
    }
    return Result::done;
}

/// The code of a value, which becomes a level when it is new.
FeatureDecoder::Result FeatureDecoder::add_level(FeatureColumn& column, float value,
                                                 std::uint8_t& code, std::uint64_t place) {
    era::Levels& levels = column.levels;
    if (std::isnan(value)) {
        value = kMissing;
    } else if (!std::isfinite(value)) {
        pages_.fail_infinite(*column.column, place, value);
    }
    code = 0;
    while (code < levels.count && bits_of(levels.values[code]) != bits_of(value)) {
        ++code;
    }
    if (code == levels.count) {
        if (levels.count == era::kMaxLevels) {
            column.form = era::ColumnForm::plain;
            return Result::needs_new_layout;
        }
        levels.values[levels.count++] = value;
    }
    if (code >> column.planes != 0) {
        column.planes = era::kMaxPlanes;
        return Result::needs_new_layout;
    }
    return Result::done;
}

/// Another column's dictionary may have been read since.
void FeatureDecoder::load_dictionary(FeatureColumn& column) {
    if (column.dictionary_page != 0 &&
        (column.dictionary_page != dictionary_page_ || column.piece != dictionary_piece_)) {
        take_dictionary(column, pages_.read(*column.column, column.chunk, column.dictionary_page));
    }
}

/// The same for a coded column, whose levels tell what was in it: for indices that are wider than
/// planes, which some writers make of a short dictionary as well.
void FeatureDecoder::restore_dictionary(const FeatureColumn& column) {
    if (column.form == era::ColumnForm::plain ||
        (column.dictionary_page == dictionary_page_ && column.piece == dictionary_piece_)) {
        return;
    }
    dictionary_.resize(column.dictionary_size);
    for (std::size_t i = 0; i < dictionary_.size(); ++i) {
        dictionary_[i] = column.levels.values[column.map[i]];
    }
    dictionary_page_ = column.dictionary_page;
    dictionary_piece_ = column.piece;
}

void FeatureDecoder::start_page(const FeatureColumn& column, const Page& page) {
    at_ = {};
    at_.generation = pages_.generation();
    at_.piece = column.piece;
    at_.all_defined = !column.column->is_optional;
    if (!at_.all_defined) {
        at_.levels = HybridRuns(page.levels, 1);
        HybridRuns ahead = at_.levels;
        const HybridRuns::Run run = ahead.next(page.rows);
        at_.all_defined =
            run.kind == HybridRuns::Kind::repeated && run.value == 1 && run.count == page.rows;
    }
    at_.index_bits = page.values.empty() ? 0 : static_cast<std::uint8_t>(page.values.front());
    at_.is_fast = is_indexed(page.encoding) && column.form == era::ColumnForm::coded &&
                  at_.index_bits <= era::kMaxPlanes;
    if (is_indexed(page.encoding) && column.dictionary_page == 0 && !page.values.empty()) {
        fail(column, page.begin, "it refers to a dictionary, and there is none");
    }
    if (at_.is_fast && !page.values.empty()) {
        at_.indices = HybridRuns(page.values.subspan(1), at_.index_bits);
    }
    if (!at_.is_fast) {
        // How many values there are is known only where there are no nulls; the levels tell.
        std::size_t values = page.rows;
        if (!at_.all_defined) {
            values = 0;
            HybridRuns ahead = at_.levels;
            for (std::size_t left = page.rows; left > 0;) {
                const HybridRuns::Run run = ahead.next(left);
                if (run.count == 0) {
                    fail(column, page.begin, "its levels are damaged");
                }
                left -= run.count;
                if (run.kind == HybridRuns::Kind::repeated) {
                    values += run.value == 1 ? run.count : 0;
                } else {
                    for (std::size_t i = 0; i < run.count; ++i) {
                        values += packed_value(run.bytes, run.first + i, 1);
                    }
                }
            }
        }
        if (is_indexed(page.encoding)) {
            restore_dictionary(column);
        }
        at_.numbers = NumberValues(*column.column, page, values, dictionary_, column.piece);
    }
    (at_.is_fast ? count_.fast : count_.other) += 1;
}

FeatureDecoder::Result FeatureDecoder::decode_part(FeatureColumn& column, const Page& page,
                                                   std::size_t rows, const ColumnTarget& target,
                                                   std::size_t position) {
    if (at_.generation != pages_.generation() || at_.row != column.cursor.skip ||
        at_.piece != column.piece || (at_.is_fast && column.form == era::ColumnForm::plain)) {
        start_page(column, page);
        skip_rows(column, page, column.cursor.skip);
    }
    at_.row += static_cast<std::uint32_t>(rows);
    const Result result = at_.is_fast ? decode_fast(column, page, rows, target, position)
                                      : decode_values(column, page, rows, target, position);
    if (result == Result::needs_new_layout || at_.row == page.rows) {
        at_.generation = 0;
    }
    return result;
}

void FeatureDecoder::skip_rows(const FeatureColumn& column, const Page& page, std::size_t rows) {
    at_.row = static_cast<std::uint32_t>(rows);
    while (rows > 0) {
        const std::size_t step = std::min(rows, kStepRows);
        if (at_.is_fast) {
            const std::size_t values = at_.all_defined ? step : read_defined(column, page, step);
            if (!skip_values([this](std::size_t limit) { return next_index(limit); }, values)) {
                fail(column, page.begin, "it has fewer values than rows");
            }
        } else {
            read_values(column, page, step);
        }
        rows -= step;
    }
}

/// Which of the next rows have a value, as bits in defined_; returns how many have.
std::size_t FeatureDecoder::read_defined(const FeatureColumn& column, const Page& page,
                                         std::size_t rows) {
    const Planes bits = {defined_, nullptr, nullptr, nullptr};
    std::size_t done = 0;
    while (done < rows) {
        const HybridRuns::Run run = next_level(rows - done);
        if (run.count == 0 || run.value > 1) {
            fail(column, page.begin, "its levels are damaged");
        }
        if (run.kind == HybridRuns::Kind::repeated) {
            fill_bits(defined_, done, run.value == 1, run.count);
        } else {
            kernels_.unpack(run.bytes, run.first, run.count, 1, bits, done);
        }
        done += run.count;
    }
    if (rows % 64 != 0) {
        defined_[rows / 64] &= (std::uint64_t{1} << (rows % 64)) - 1;
    }
    return count_ones(defined_, rows);
}

/// The next `count` codes of the chunk's dictionary, into index_bits planes.
void FeatureDecoder::unpack_indices(const FeatureColumn& column, const Page& page,
                                    std::size_t count, const Planes& planes, std::size_t position) {
    const std::size_t begin = position;
    for (std::size_t left = count; left > 0;) {
        const HybridRuns::Run run = next_index(left);
        if (run.count == 0 ||
            (run.kind == HybridRuns::Kind::repeated && run.value >= column.dictionary_size)) {
            fail(column, page.begin, "it has fewer values than rows, or they are damaged");
        }
        if (run.kind == HybridRuns::Kind::repeated || at_.index_bits == 0) {
            for (unsigned plane = 0; plane < at_.index_bits; ++plane) {
                fill_bits(planes[plane], position, ((run.value >> plane) & 1) != 0, run.count);
            }
        } else {
            kernels_.unpack(run.bytes, run.first, run.count, at_.index_bits, planes, position);
        }
        position += run.count;
        left -= run.count;
    }
    check_codes(column, page, planes, begin, count);
}

/// Packed codes may point behind the dictionary: compares all with its size, plane by plane.
void FeatureDecoder::check_codes(const FeatureColumn& column, const Page& page,
                                 const Planes& planes, std::size_t position,
                                 std::size_t count) const {
    const std::size_t size = column.dictionary_size;
    if (count == 0 || size >= std::size_t{1} << at_.index_bits) {
        return;
    }
    std::uint64_t damaged = size == 0 ? 1 : 0;
    const std::size_t last = position + count - 1;
    for (std::size_t word = position / 64; word <= last / 64; ++word) {
        std::uint64_t inside = ~std::uint64_t{0};
        if (word == position / 64) {
            inside &= ~std::uint64_t{0} << (position % 64);
        }
        if (word == last / 64) {
            inside &= ~std::uint64_t{0} >> (63 - last % 64);
        }
        // Codes above `size - 1`, from the highest plane down.
        std::uint64_t above = 0;
        std::uint64_t equal = ~std::uint64_t{0};
        for (unsigned plane = at_.index_bits; plane-- > 0;) {
            const std::uint64_t bits = planes[plane][word];
            if (((size - 1) >> plane & 1) == 0) {
                above |= equal & bits;
                equal &= ~bits;
            } else {
                equal &= bits;
            }
        }
        damaged |= above & inside;
    }
    if (damaged != 0) {
        fail(column, page.begin,
             fmt::format("a value refers behind the {} entries of its dictionary", size));
    }
}

FeatureDecoder::Result FeatureDecoder::decode_fast(FeatureColumn& column, const Page& page,
                                                   std::size_t rows, const ColumnTarget& target,
                                                   std::size_t position) {
    if (at_.all_defined && column.map_is_identity && at_.index_bits <= column.planes) {
        unpack_indices(column, page, rows, target.planes, position);
        for (unsigned plane = at_.index_bits; plane < column.planes; ++plane) {
            fill_bits(target.planes[plane], position, false, rows);
        }
        return Result::done;
    }
    while (rows > 0) {
        const std::size_t step = std::min(rows, kStepRows);
        const std::size_t values = at_.all_defined ? step : read_defined(column, page, step);
        unpack_indices(column, page, values, codes_, 0);
        const unsigned width = std::max<unsigned>(at_.index_bits, column.planes);
        for (unsigned plane = at_.index_bits; plane < width; ++plane) {
            fill_bits(codes_[plane], 0, false, values);
        }
        if (!column.map_is_identity || at_.index_bits > column.planes) {
            era::map_codes(codes_, values, at_.index_bits, column.map, column.planes);
        }
        std::uint8_t missing = 0;
        if (values < step &&
            add_level(column, kMissing, missing, page.begin) == Result::needs_new_layout) {
            return Result::needs_new_layout;
        }
        for (unsigned plane = 0; plane < column.planes; ++plane) {
            const std::uint64_t* bits = codes_[plane];
            if (values < step) {
                kernels_.spread(codes_[plane], defined_, step, spread_[plane]);
                if ((missing >> plane & 1) != 0) {
                    for (std::size_t word = 0; word * 64 < step; ++word) {
                        spread_[plane][word] |= ~defined_[word];
                    }
                }
                bits = spread_[plane];
            }
            copy_bits(bits, 0, target.planes[plane], position, step);
        }
        position += step;
        rows -= step;
    }
    return Result::done;
}

/// The next rows as floats in values_, missing ones among them.
void FeatureDecoder::read_values(const FeatureColumn& column, const Page& page, std::size_t rows) {
    const std::size_t defined = at_.all_defined ? rows : read_defined(column, page, rows);
    if (!at_.numbers.read({values_.data(), defined})) {
        fail(column, page.begin,
             fmt::format("its values ({} {}) are damaged, or fewer than its rows",
                         name_of(page.encoding), name_of(column.column->type)));
    }
    if (defined == rows) {
        return;
    }
    std::size_t from = defined;
    for (std::size_t row = rows; row-- > 0;) {
        const bool is_defined = (defined_[row / 64] >> (row % 64) & 1) != 0;
        values_[row] = is_defined ? values_[--from] : kMissing;
    }
}

FeatureDecoder::Result FeatureDecoder::decode_values(FeatureColumn& column, const Page& page,
                                                     std::size_t rows, const ColumnTarget& target,
                                                     std::size_t position) {
    while (rows > 0) {
        const std::size_t step = std::min(rows, kStepRows);
        read_values(column, page, step);
        if (column.form == era::ColumnForm::plain) {
            for (std::size_t i = 0; i < step; ++i) {
                if (std::isinf(values_[i])) {
                    pages_.fail_infinite(*column.column, page.begin, values_[i]);
                }
                target.values[position + i] = values_[i];
            }
        } else if (encode(column, step, target.planes, position, page.begin) ==
                   Result::needs_new_layout) {
            return Result::needs_new_layout;
        }
        position += step;
        rows -= step;
    }
    return Result::done;
}

/// values_ as codes. Small whole numbers, which is what features are, are looked up in a table.
FeatureDecoder::Result FeatureDecoder::encode(FeatureColumn& column, std::size_t rows,
                                              const Planes& planes, std::size_t position,
                                              std::uint64_t place) {
    constexpr std::uint8_t kUnknown = 0xFF;
    std::array<std::uint8_t, 16> known;
    known.fill(kUnknown);
    for (std::size_t begin = 0; begin < rows; begin += 64) {
        const std::size_t count = std::min<std::size_t>(64, rows - begin);
        std::array<std::uint64_t, era::kMaxPlanes> words{};
        for (std::size_t i = 0; i < count; ++i) {
            const float value = values_[begin + i];
            // -0.0 is a level of its own.
            const bool is_small = value > 0 && value < 16;
            const std::size_t slot = is_small ? static_cast<std::size_t>(value) : 0;
            const bool has_slot =
                is_small ? static_cast<float>(slot) == value : bits_of(value) == 0;
            std::uint8_t code = has_slot ? known[slot] : kUnknown;
            if (code == kUnknown) {
                if (add_level(column, value, code, place) == Result::needs_new_layout) {
                    return Result::needs_new_layout;
                }
                if (has_slot) {
                    known[slot] = code;
                }
            }
            for (unsigned plane = 0; plane < era::kMaxPlanes; ++plane) {
                words[plane] |= std::uint64_t{(code >> plane) & 1u} << i;
            }
        }
        for (unsigned plane = 0; plane < column.planes; ++plane) {
            put_bits(planes[plane], position + begin, words[plane], count);
        }
    }
    return Result::done;
}

}  // namespace erawise::decode
