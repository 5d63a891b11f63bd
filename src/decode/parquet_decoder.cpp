#include "decode/parquet_decoder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

#include "decode/id_column.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

/// Rows that are taken at a time when no feature asks for a window: counting eras.
constexpr std::size_t kRowsWithoutFeatures = 65536;

/// A window is as long as a page where that fits: pandas writes pages of 20,000 rows, and each is
/// then decoded once. Never shorter than an era.
constexpr std::size_t kMinWindowRows = 8192;
constexpr std::size_t kMaxWindowRows = 65536;

/// Where pages are longer than that, they are read in slices or their rows pass through a temporary
/// file, and a window is as long as what pandas writes: the peak is the same then.
constexpr std::size_t kLongPageWindowRows = 20480;

/// More than this makes nothing faster, and is a third of the smallest containers in use.
constexpr std::uint64_t kMaxWindowBytes = 24 * util::kMiB;

/// Ids of 16 characters and their offsets, with the slack of growing vectors.
constexpr std::uint64_t kIdBytesPerRow = 2 * (16 + 4);

/// A page may be decoded this often, once for each window that it reaches into, before its row
/// group is spilled: writing and reading planes takes about as long.
constexpr std::size_t kMostDecodes = 3;

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

}  // namespace

ParquetDecoder::ParquetDecoder(const std::filesystem::path& path, DecodeOptions options)
    : file_(path),
      options_(std::move(options)),
      footer_(file_),
      tracker_(options_.era_order),
      pool_(options_.threads),
      features_(file_, pool_, PageLimits{options_.page_bytes}),
      window_(std::min<std::uint64_t>(options_.window_bytes, kMaxWindowBytes)) {
    for (const ParquetColumn& column : footer_.columns()) {
        names_.push_back(column.name);
    }
}

ParquetDecoder::~ParquetDecoder() = default;

std::array<TextColumn*, 3> ParquetDecoder::text_columns() const {
    return {ids_.get(), eras_.get(), data_types_.get()};
}

std::optional<std::uint32_t> ParquetDecoder::find(std::string_view name) const {
    const auto found = std::ranges::find(names_, name);
    return found == names_.end()
               ? std::nullopt
               : std::optional(static_cast<std::uint32_t>(found - names_.begin()));
}

std::unique_ptr<TextColumn> ParquetDecoder::text_column(std::string_view name,
                                                        std::string_view purpose) {
    const std::optional<std::uint32_t> index = find(name);
    if (!index) {
        return nullptr;
    }
    const ParquetColumn& column = footer_.columns()[*index];
    if (column.is_nested || !is_text(column)) {
        throw data_error(
            fmt::format("{}: column '{}' (number {}) is {} {}; {} are strings or "
                        "whole numbers",
                        file_.name(), name, *index + 1, column.is_nested ? "a list of" : "of type",
                        name_of(column.type), purpose));
    }
    columns_.push_back(*index);
    return std::make_unique<TextColumn>(file_, column, PageLimits{options_.page_bytes});
}

const era::BlockLayout& ParquetDecoder::select(std::span<const std::string> features) {
    std::unordered_map<std::string_view, std::uint32_t> indices;
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
        const auto [entry, is_new] = indices.try_emplace(names_[i], i);
        if (!is_new) {
            throw data_error(
                fmt::format("{}: the schema names column '{}' twice, as columns {} "
                            "and {}",
                            file_.name(), names_[i], entry->second + 1, i + 1));
        }
    }
    for (const std::string& feature : features) {
        const auto found = indices.find(feature);
        if (found == indices.end()) {
            throw data_error(fmt::format("{}: there is no column '{}'", file_.name(), feature));
        }
        const ParquetColumn& column = footer_.columns()[found->second];
        if (column.is_nested || !is_number(column)) {
            throw data_error(fmt::format("{}: column '{}' (number {}) is {} {}, which is no number",
                                         file_.name(), feature, found->second + 1,
                                         column.is_nested ? "a list of" : "of type",
                                         name_of(column.type)));
        }
        features_.add(column, found->second);
        columns_.push_back(found->second);
    }
    ids_ = text_column(names_[require_id_column(names_, file_.name())], "ids");
    eras_ = text_column("era", "eras");
    if (!eras_) {
        spdlog::warn("{}: no column 'era'; the file is taken as one era", file_.name());
    }
    if (!options_.data_type.empty()) {
        data_types_ = text_column("data_type", "kinds of rows");
        if (!data_types_) {
            throw data_error(
                fmt::format("{}: rows cannot be chosen by data_type '{}': there is no "
                            "column 'data_type'",
                            file_.name(), options_.data_type));
        }
    }
    if (footer_.rows() == 0) {
        throw data_error(fmt::format("{}: the file has columns and no rows", file_.name()));
    }
    probe_first_pages();
    rebuild_layout();
    return *layout_;
}

/// The first pages tell which columns have few values and how large pages are, so that the memory
/// plan knows. What they do not tell ends a window early later on.
void ParquetDecoder::probe_first_pages() {
    while (footer_.row_groups()[group_].rows == 0) {
        ++group_;
    }
    open_next_group();
    const FeatureSet::Pages pages = features_.probe(kMaxWindowRows);
    for (TextColumn* const texts : text_columns()) {
        if (texts != nullptr) {
            const TextColumn::Probe probe = texts->probe();
            text_bytes_ += 2 * probe.dictionary_bytes + TextColumn::kLargePageBytes / 8 +
                           std::min(probe.page_bytes, TextColumn::kLargePageBytes) +
                           probe.stream_bytes;
            if (probe.page_bytes > TextColumn::kLargePageBytes) {
                large_text_page_bytes_ = std::max(large_text_page_bytes_, probe.page_bytes);
            }
        }
    }
    if (pages.sliceable > 0) {
        sample_ = pages.sample;
        probe_sample();
    }
    // Pages that are not sliceable are decoded for each window: less than spilling all of them?
    const std::uint64_t windows = page_rows_ / kLongPageWindowRows + 1;
    slices_pages_ =
        large_text_page_bytes_ == 0 && pages.sliceable > 0 &&
        (features_.size() - pages.sliceable) * windows <= kMostDecodes * features_.size();
    page_bytes_ = slices_pages_ ? pages.most_held_bytes : pages.most_bytes;
    group_ = 0;
    group_row_ = 0;
    has_spill_folder_ =
        has_long_pages() && !slices_pages_ && takes_spill_files(options_.work_directory);
}

void ParquetDecoder::rebuild_layout() {
    layout_ = std::make_shared<const era::BlockLayout>(features_.layout());
    layout_is_stale_ = false;
}

/// No window is long enough for a page.
bool ParquetDecoder::has_long_pages() const {
    return page_rows_ > kMaxWindowRows;
}

bool ParquetDecoder::will_spill() const {
    return has_long_pages() && has_spill_folder_;
}

std::size_t ParquetDecoder::most_window_rows() const {
    if (features_.size() == 0) {
        return kRowsWithoutFeatures;
    }
    return has_long_pages() && (slices_pages_ || has_spill_folder_) ? kLongPageWindowRows
                                                                    : kMaxWindowRows;
}

std::size_t ParquetDecoder::preferred_rows() const {
    return std::clamp<std::size_t>(page_rows_, kMinWindowRows, most_window_rows());
}

/// What a worker's pages take: one that grows by an eighth, and reads of a few at a time.
std::uint64_t ParquetDecoder::page_memory_bytes() const {
    // Planes may follow a page in the window: they begin on a cache line.
    const std::uint64_t bytes = page_bytes_ + page_bytes_ / 4 + 320 * util::kKiB;
    return (bytes + era::kPlaneBytes - 1) / era::kPlaneBytes * era::kPlaneBytes;
}

WindowNeeds ParquetDecoder::window_needs() const {
    const std::uint64_t rows = std::min<std::uint64_t>(preferred_rows(), footer_.rows());
    const std::uint64_t least = least_window_bytes();
    // A short file has room for columns that become plain later on; longer ones have it anyway.
    const std::uint64_t plain_block =
        features_.size() *
        PlaneWindow::column_bytes({.form = era::ColumnForm::plain}, era::kBlockRows);
    const std::uint64_t preferred = std::min<std::uint64_t>(
        std::max(PlaneWindow::bytes_for(*layout_, rows), plain_block), kMaxWindowBytes);
    return {.preferred_bytes = std::max(preferred, least), .minimum_bytes = least};
}

std::uint64_t ParquetDecoder::largest_column_bytes(std::uint64_t rows) const {
    const std::size_t padded = GroupSpill::padded_rows(rows);
    std::uint64_t bytes = 0;
    for (const era::BlockLayout::Column& column : layout_->columns) {
        bytes = std::max<std::uint64_t>(bytes, PlaneWindow::column_bytes(column, padded));
    }
    return bytes;
}

/// A block of rows. Where a row group may have to be spilled, also all of its rows of one column,
/// and where it will be, pages as well; before them a page of ids.
std::uint64_t ParquetDecoder::least_window_bytes() const {
    const std::uint64_t block = PlaneWindow::bytes_for(*layout_, era::kBlockRows);
    if (slices_pages_ || page_rows_ <= kMostDecodes * era::kBlockRows) {
        return block;
    }
    std::uint64_t most_rows = 0;
    for (const ParquetFooter::RowGroup& group : footer_.row_groups()) {
        most_rows = std::max(most_rows, group.rows);
    }
    std::uint64_t bytes = largest_column_bytes(most_rows);
    if (will_spill()) {
        // One page of ids alone, in buffers with an eighth to spare.
        const std::uint64_t text_page =
            large_text_page_bytes_ + large_text_page_bytes_ / 8 + 64 * util::kKiB;
        bytes = std::max(bytes + pool_.workers() * page_memory_bytes(), text_page);
    }
    // The window is whole blocks: up to one of them is left of what it was given.
    return std::max(block, bytes + layout_->block_bytes);
}

bool ParquetDecoder::grant(const MemoryGrant& memory) {
    const PageLimits limits{memory.page_bytes};
    window_ = PlaneWindow(memory.window_bytes);
    features_.set_limits(limits);
    for (TextColumn* const texts : text_columns()) {
        if (texts != nullptr) {
            texts->set_limits(limits);
        }
    }
    return true;
}

bool ParquetDecoder::next(era::EraBatch& batch) {
    while (piece_ == pieces_.size()) {
        if (!fill_window()) {
            if (!any_row_) {
                throw data_error(fmt::format("{}: no row has the data_type '{}'", file_.name(),
                                             options_.data_type));
            }
            log_pages();
            return false;
        }
    }
    Piece* piece = &pieces_[piece_];
    if (!any_row_ || piece->era != last_era_) {
        tracker_.begin(piece->era, window_first_ + piece->first + 1, file_.name());
        last_era_ = piece->era;
        any_row_ = true;
    }
    batch.reset(layout_, last_era_);
    const std::size_t capacity = batch.row_capacity();
    if (capacity == 0) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format("{}: row {}: {} rows take {}, because features have more values than the "
                        "first rows told; the memory plan has less: raise the limit by that",
                        file_.name(), window_first_ + piece->first + 1, era::kBlockRows,
                        util::format_byte_size(layout_->block_bytes)));
    }
    while (batch.rows() < capacity) {
        const std::size_t rows = std::min(piece->rows, capacity - batch.rows());
        cut_rows(piece->first, rows, batch);
        piece->first += rows;
        piece->rows -= rows;
        if (piece->rows > 0) {
            break;
        }
        if (++piece_ == pieces_.size() || pieces_[piece_].era != last_era_) {
            break;
        }
        piece = &pieces_[piece_];
    }
    for (std::size_t i = 0; i < features_.size(); ++i) {
        batch.set_levels(i, features_[i].levels);
    }
    return true;
}

void ParquetDecoder::log_pages() const {
    const PageCount count = features_.pages();
    if (count.fast + count.other == 0) {
        return;
    }
    std::string how;
    if (count.sliced > 0) {
        how += fmt::format("; {} were read in slices", count.sliced);
    }
    if (spilled_bytes_ > 0) {
        how += fmt::format("; {} of planes went through {}", util::format_byte_size(spilled_bytes_),
                           options_.work_directory.string());
    }
    spdlog::info("{}: {} of {} pages of features went straight to bit planes ({}){}", file_.name(),
                 count.fast, count.fast + count.other, plane_kernels().name, how);
}

/// Appends rows of the window to the batch.
void ParquetDecoder::cut_rows(std::size_t from, std::size_t rows, era::EraBatch& batch) {
    const std::size_t first = batch.rows();
    for (std::size_t i = 0; i < rows; ++i) {
        batch.ids.push_back(window_ids_[next_id_++]);
    }
    const std::size_t first_block = first / era::kBlockRows;
    const std::size_t blocks = (first + rows - 1) / era::kBlockRows - first_block + 1;
    pool_.for_each(blocks, [&](std::size_t, std::size_t index) {
        const std::size_t block = first_block + index;
        const std::size_t begin = std::max(first, block * era::kBlockRows);
        const std::size_t end = std::min(first + rows, (block + 1) * era::kBlockRows);
        window_.copy_rows(from + (begin - first), end - begin, batch, block,
                          begin % era::kBlockRows);
    });
}

/// Decodes the next rows of the file: up to the end of a page where that is near, and through
/// several row groups where they are small. False at the end.
bool ParquetDecoder::fill_window() {
    if (layout_is_stale_) {
        rebuild_layout();
    }
    window_.set_layout(*layout_, most_window_rows());
    require_window();
    window_first_ += window_rows_;
    window_rows_ = 0;
    pieces_.clear();
    piece_ = 0;
    window_ids_.clear();
    next_id_ = 0;
    while (window_rows_ < window_.capacity()) {
        const bool is_open = group_ > 0 && group_row_ < footer_.row_groups()[group_ - 1].rows;
        if (!is_open && !open_next_group()) {
            break;
        }
        if (!layout_has_room_for_sample()) {
            layout_is_stale_ = true;
            return window_rows_ > 0 || fill_window();
        }
        if (group_row_ == 0 && pages_are_too_large()) {
            if (window_rows_ > 0) {
                break;  // what is spilled begins with a window
            }
            spill_group();
        }
        const std::size_t rows = rows_to_take();
        if (spill_) {
            spill_->read(*layout_, window_, group_row_);
        } else if (!features_.decode_all(
                       rows, [this](std::size_t i) { return window_.column(i); }, window_rows_)) {
            layout_is_stale_ = true;
            return window_rows_ > 0 || fill_window();
        }
        read_texts(rows);
        window_rows_ += rows;
        group_row_ += rows;
        const ParquetFooter::RowGroup& group = footer_.row_groups()[group_ - 1];
        const bool was_spilled = spill_ != nullptr;
        if (group_row_ == group.rows) {
            spill_.reset();
        }
        if (group_row_ < group.rows || was_spilled) {
            break;
        }
    }
    return window_rows_ > 0;
}

/// Every window would decode them again. Where pages are read in slices the plan has no room to
/// spill a row group that is unlike the first: there may be some.
bool ParquetDecoder::pages_are_too_large() const {
    const std::size_t window = window_.capacity();
    const std::uint64_t rows = footer_.row_groups()[group_ - 1].rows;
    if (cannot_spill_ || spill_ || rows <= window || page_rows_ <= kMostDecodes * window) {
        return false;
    }
    return !slices_pages_ ||
           (!sample_is_sliceable_ &&
            largest_column_bytes(rows) <= PlaneWindow::bytes_for(*layout_, window));
}

/// Has the row group go through temporary files. Without a folder for them pages are decoded
/// several times, which takes long but works.
void ParquetDecoder::spill_group() {
    const std::uint64_t rows = footer_.row_groups()[group_ - 1].rows;
    try {
        spill_ = std::make_unique<GroupSpill>(options_.work_directory, rows);
    } catch (const util::Error& error) {
        cannot_spill_ = true;
        spdlog::warn("{}: pages of {} rows are decoded once for each {} rows: {}", file_.name(),
                     page_rows_, window_.capacity(), error.what());
        return;
    }
    const std::span<std::byte> memory = window_.storage(*layout_);
    spill_->write_texts(text_columns(), {reinterpret_cast<char*>(memory.data()), memory.size()});
    const auto decode = [&](std::size_t first, std::span<const ColumnTarget> targets) {
        return features_.decode(
            first, first + targets.size(), rows, [&](std::size_t i) { return targets[i - first]; },
            0);
    };
    const auto write = [&] {
        require_room_for_columns(rows);
        return spill_->write_features(*layout_, window_.capacity(),
                                      lend_to_pages(window_.storage(*layout_), rows), decode);
    };
    while (!write()) {
        features_.reopen();
        rebuild_layout();
        window_.set_layout(*layout_, most_window_rows());
        require_window();
    }
    features_.take_back();
    spilled_bytes_ += spill_->bytes();
}

/// The window has no rows while they are spilled: its memory serves for pages, as far as it is
/// larger than the columns need. Returns what is left.
std::span<std::byte> ParquetDecoder::lend_to_pages(std::span<std::byte> memory,
                                                   std::uint64_t rows) {
    const std::uint64_t share = page_memory_bytes();
    features_.take_back();
    const bool has_room = memory.size() >= share * pool_.workers() + largest_column_bytes(rows);
    return has_room ? features_.lend(memory, share) : memory;
}

/// All rows of a column have to be in memory at once.
void ParquetDecoder::require_room_for_columns(std::uint64_t rows) {
    const std::size_t padded = GroupSpill::padded_rows(rows);
    for (std::size_t i = 0; i < features_.size(); ++i) {
        const std::size_t bytes = PlaneWindow::column_bytes(layout_->columns[i], padded);
        if (bytes > window_.storage(*layout_).size()) {
            throw util::Error(
                util::ErrorKind::memory,
                fmt::format("{}: column '{}': a page of {} rows takes {}, the memory plan has {} "
                            "for it; raise the limit by the difference",
                            file_.name(), features_[i].column->name, page_rows_,
                            util::format_byte_size(bytes),
                            util::format_byte_size(window_.storage(*layout_).size())));
        }
    }
}

void ParquetDecoder::require_window() const {
    if (window_.capacity() > 0) {
        return;
    }
    throw util::Error(
        util::ErrorKind::memory,
        fmt::format("{}: a window of {} rows takes {}, because features have more values than the "
                    "first rows told; the memory plan has less: raise the limit by that",
                    file_.name(), era::kBlockRows,
                    util::format_byte_size(PlaneWindow::bytes_for(*layout_, era::kBlockRows))));
}

void ParquetDecoder::probe_sample() {
    const FeatureDecoder::Probe probe = features_.probe_one(sample_);
    page_rows_ = probe.page_rows;
    sample_is_sliceable_ = probe.is_sliceable;
}

/// Probing a page reads its dictionary, which may have values that the groups before did not have.
bool ParquetDecoder::layout_has_room_for_sample() const {
    if (features_.size() == 0) {
        return true;
    }
    const FeatureColumn& column = features_[sample_];
    const era::BlockLayout::Column& place = layout_->columns[sample_];
    return place.form == column.form &&
           (place.form == era::ColumnForm::plain || place.planes == column.planes);
}

bool ParquetDecoder::open_next_group() {
    while (group_ < footer_.row_groups().size() && footer_.row_groups()[group_].rows == 0) {
        ++group_;
    }
    if (group_ == footer_.row_groups().size()) {
        return false;
    }
    const std::vector<ColumnChunk> chunks = footer_.chunks(group_, columns_);
    features_.open(std::span(chunks).first(features_.size()), footer_.row_groups()[group_].rows);
    std::size_t next = features_.size();
    for (TextColumn* const texts : text_columns()) {
        if (texts != nullptr) {
            texts->open(chunks[next++]);
        }
    }
    ++group_;
    group_row_ = 0;
    if (features_.size() > 0) {
        probe_sample();
    }
    return true;
}

/// What fits, or less: the end of a page is a good end, no page is decoded twice then.
std::size_t ParquetDecoder::rows_to_take() const {
    const std::uint64_t left = footer_.row_groups()[group_ - 1].rows - group_row_;
    const std::size_t room = window_.capacity() - window_rows_;
    if (left <= room) {
        return static_cast<std::size_t>(left);
    }
    if (page_rows_ > 0 && !spill_) {
        const std::uint64_t end = (group_row_ + room) / page_rows_ * page_rows_;
        if (end > group_row_) {
            return static_cast<std::size_t>(end - group_row_);
        }
    }
    return room;
}

void ParquetDecoder::read_texts(std::size_t rows) {
    std::string type;
    for (std::size_t i = 0; i < rows; ++i) {
        const std::size_t row = window_rows_ + i;
        bool is_kept = true;
        if (data_types_) {
            const std::optional<std::string_view> kind = data_types_->next();
            is_kept = kind == options_.data_type;
        }
        const std::optional<std::string_view> id = ids_->next();
        if (!id) {
            fail_row("id", row, "a row without an id");
        }
        std::string_view era = "all";
        if (eras_) {
            const std::optional<std::string_view> label = eras_->next();
            if (!label) {
                fail_row("era", row, "a row without an era");
            }
            era = *label;
        }
        if (is_kept) {
            append_piece(era, row);
            window_ids_.push_back(*id);
        }
    }
    consumed_ += rows;
}

void ParquetDecoder::append_piece(std::string_view era, std::size_t row) {
    if (!pieces_.empty()) {
        Piece& last = pieces_.back();
        if (last.first + last.rows == row && last.era == era) {
            ++last.rows;
            return;
        }
    }
    pieces_.push_back({std::string(era), row, 1});
}

void ParquetDecoder::fail_row(std::string_view column, std::size_t row, std::string_view what) {
    throw data_error(fmt::format("{}: column '{}', row {}: {}", file_.name(), column,
                                 window_first_ + row + 1, what));
}

/// Rows are what is known while it runs; the bytes of the file follow them.
std::uint64_t ParquetDecoder::consumed_bytes() const {
    return static_cast<std::uint64_t>(double(consumed_) / double(footer_.rows()) *
                                      double(file_.size()));
}

/// Without the window, which the plan decides.
std::uint64_t ParquetDecoder::memory_bytes() const {
    std::uint64_t bytes = footer_.memory_bytes();
    for (const std::string& name : names_) {
        bytes += sizeof name + name.capacity();
    }
    // The features, the layout, the window's places.
    bytes += features_.size() *
             (FeatureSet::bytes_per_feature(slices_pages_) + sizeof(era::BlockLayout::Column) + 24);
    const std::uint64_t page = will_spill() ? 0 : page_memory_bytes();
    bytes += options_.threads * (FeatureDecoder::scratch_bytes() + page);
    return bytes + text_bytes_ + preferred_rows() * kIdBytesPerRow;
}

}  // namespace erawise::decode
