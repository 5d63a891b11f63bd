#include "decode/parquet/decoder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

#include "decode/id_column.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

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
      granted_{.window_bytes = options_.window_bytes, .page_bytes = options_.page_bytes},
      window_(0) {
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
    const auto last = std::ranges::find_last(names_, name).begin() - names_.begin();
    require_once(name, *index, static_cast<std::size_t>(last));
    const ParquetColumn& column = footer_.columns()[*index];
    if (!is_text(column)) {
        throw data_error(
            fmt::format("{}: column '{}' (number {}) is {}; {} are strings, whole "
                        "numbers or dates",
                        file_.name(), name, *index + 1, describe(column), purpose));
    }
    columns_.push_back(*index);
    return std::make_unique<TextColumn>(file_, column, PageLimits{options_.page_bytes});
}

/// The features' numbers in the file. Other columns may have names that are there twice.
void ParquetDecoder::add_columns(std::span<const SelectedColumn> selected) {
    struct Place {
        std::uint32_t first;
        std::uint32_t last;
    };
    std::unordered_map<std::string_view, Place> places;
    for (std::uint32_t i = 0; i < names_.size(); ++i) {
        places.try_emplace(names_[i], i, i).first->second.last = i;
    }
    for (const auto& [feature, piece] : selected) {
        const auto found = places.find(feature);
        if (found == places.end()) {
            throw data_error(fmt::format("{}: there is no column '{}'", file_.name(), feature));
        }
        const auto [first, last] = found->second;
        require_once(feature, first, last);
        const ParquetColumn& column = footer_.columns()[first];
        if (!is_number(column)) {
            throw data_error(
                fmt::format("{}: column '{}' (number {}) is {}, which is {}", file_.name(), feature,
                            first + 1, describe(column),
                            column.meaning == Meaning::decimal
                                ? "not read as a number: write it as a float or a double"
                                : "no number"));
        }
        features_.add(column, first, piece);
        columns_.push_back(first);
    }
}

void ParquetDecoder::require_once(std::string_view name, std::size_t first,
                                  std::size_t last) const {
    if (first != last) {
        throw data_error(fmt::format("{}: the schema names column '{}' twice, as columns {} and {}",
                                     file_.name(), name, first + 1, last + 1));
    }
}

const era::BlockLayout& ParquetDecoder::select_columns(std::span<const SelectedColumn> columns) {
    add_columns(columns);
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
    lacks_memory_ = false;
    rebuild_layout();
    return *layout_;
}

/// The first pages tell which columns have few values and how large pages are, so that the memory
/// plan knows. What they do not tell ends a window early later on.
void ParquetDecoder::probe_first_pages() {
    open_next_group();
    const GroupFacts pages = features_.probe_first_pages();
    features_.take_back();  // pages that were looked at
    // Pages that are not sliceable are decoded for each window: less than spilling all of them?
    const std::size_t others = features_.size() - pages.sliceable;
    const std::uint64_t windows = pages.other_rows / ParquetMemory::kLongPageWindowRows + 1;
    if (!memory_.has_large_texts() && pages.sliceable > 0 &&
        others * windows <= ParquetMemory::kMostDecodes * features_.size()) {
        memory_.slice_pages();
    }
    if (features_.size() > 0) {
        sample_ = memory_.slices_pages() || others == 0 ? pages.sample : pages.other_sample;
        probe_sample();
    }
    memory_.see(pages);
    if (!memory_.will_spill()) {
        memory_.hold_large_texts(texts_);
    }
    memory_.set_file(file_needs());
    group_ = 0;
    group_row_ = 0;
}

ParquetMemory::File ParquetDecoder::file_needs() const {
    ParquetMemory::File needs{.rows = footer_.rows(),
                              .fixed_bytes = footer_.memory_bytes(),
                              .features = features_.size(),
                              .workers = pool_.workers()};
    for (const ParquetFooter::RowGroup& group : footer_.row_groups()) {
        needs.most_group_rows = std::max(needs.most_group_rows, group.rows);
    }
    for (const std::string& name : names_) {
        needs.fixed_bytes += sizeof name + name.capacity();
    }
    // The features, the layout, the window's places.
    needs.fixed_bytes += features_.size() * (FeatureSet::bytes_per_feature(memory_.slices_pages()) +
                                             sizeof(era::BlockLayout::Column) + 24);
    return needs;
}

void ParquetDecoder::rebuild_layout() {
    layout_ = std::make_shared<const era::BlockLayout>(features_.layout());
    layout_is_stale_ = false;
}

WindowNeeds ParquetDecoder::window_needs() const {
    return memory_.window_needs(*layout_);
}

const era::BlockLayout& ParquetDecoder::survey(const util::StopSignal& stop) {
    window_ = PlaneWindow(0);
    spill_.reset();
    features_.take_back();
    features_.set_limits(PageLimits{options_.page_bytes});
    group_ = 0;
    while (open_next_group()) {
        stop.throw_if_requested();
        if (!memory_.will_spill()) {
            memory_.hold_large_texts(texts_);
        }
        memory_.see(features_.survey_pages());
    }
    features_.take_back();
    rebuild_layout();
    return *layout_;
}

bool ParquetDecoder::grant(const MemoryGrant& memory) {
    const PageLimits limits{std::max(memory.page_bytes, memory_.page_bytes())};
    granted_ = memory;
    window_ = PlaneWindow(0);
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
        if (rows_without_texts_ > 0) {
            forget_texts();
            read_texts(rows_without_texts_);
        } else if (!fill_window(batch)) {
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
    while (batch.rows() < capacity) {
        const std::size_t rows =
            rows_with_ids(std::min(piece->rows, capacity - batch.rows()), batch);
        if (rows == 0) {
            break;
        }
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
bool ParquetDecoder::fill_window(era::EraBatch& batch) {
    do {
        make_room(batch);
        window_first_ += window_rows_;
        window_rows_ = 0;
        forget_texts();
        while (window_rows_ < window_.capacity() && take_rows(batch)) {
        }
    } while (window_rows_ == 0 && (layout_is_stale_ || lacks_memory_));
    return window_rows_ > 0;
}

/// Has the window and the batch as much memory as rows take by what is known now. The window is
/// empty, and so is the batch.
void ParquetDecoder::make_room(era::EraBatch& batch) {
    if (layout_is_stale_) {
        rebuild_layout();
    }
    batch.reset(layout_, {});
    if (!has_room(batch)) {
        ask_for_memory(batch);
    }
    const std::uint64_t bytes =
        std::min(granted_.window_bytes,
                 std::max(ParquetMemory::kMaxWindowBytes, window_needs().minimum_bytes));
    if (window_.bytes() != bytes) {
        window_ = PlaneWindow(bytes);
    }
    window_.set_layout(*layout_, memory_.most_window_rows());
}

bool ParquetDecoder::has_room(const era::EraBatch& batch) const {
    return !lacks_memory_ && batch.row_capacity() > 0 &&
           window_needs().minimum_bytes <= granted_.window_bytes;
}

void ParquetDecoder::ask_for_memory(era::EraBatch& batch) {
    window_ = PlaneWindow(0);
    lacks_memory_ = false;
    if (memory_source_) {
        grant(memory_source_(*layout_));
        batch.reset(layout_, {});
    }
    if (!has_room(batch)) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format("{}: row {}: {} rows take {} in a batch and {} in the window, because "
                        "features have more values than the first rows told; there is less",
                        file_.name(), window_first_ + window_rows_ + 1, era::kBlockRows,
                        util::format_byte_size(layout_->block_bytes),
                        util::format_byte_size(window_needs().minimum_bytes)));
    }
}

/// A part of what fits into the window. False when nothing can follow it there.
bool ParquetDecoder::take_rows(era::EraBatch& batch) {
    const bool is_open = group_ > 0 && group_row_ < footer_.row_groups()[group_ - 1].rows;
    if (!is_open && !open_next_group()) {
        return false;
    }
    layout_is_stale_ = !layout_has_room_for_sample();
    if (layout_is_stale_ || lacks_memory_) {
        return false;
    }
    if (group_row_ == 0 && pages_are_too_large()) {
        if (window_rows_ > 0) {
            return false;  // what is spilled begins with a window
        }
        spill_group(batch);
    }
    if (!spill_ && memory_.hold_large_texts(texts_) && memory_source_) {
        lacks_memory_ = true;
        return false;
    }
    const std::size_t rows = rows_to_take();
    if (!decode_features(rows)) {
        return false;
    }
    group_row_ += rows;
    const bool was_spilled = spill_ != nullptr;
    read_texts(rows);
    return group_row_ == footer_.row_groups()[group_ - 1].rows && !was_spilled &&
           rows_without_texts_ == 0;
}

/// The next rows of all features. False: nothing was taken, and there is another layout, or a page
/// that is larger than expected.
bool ParquetDecoder::decode_features(std::size_t rows) {
    if (spill_) {
        spill_->read(*layout_, window_, group_row_);
        return true;
    }
    try {
        layout_is_stale_ = !features_.decode_all(
            rows, [this](std::size_t i) { return window_.column(i); }, window_rows_);
        return !layout_is_stale_;
    } catch (const PageTooLarge& page) {
        expect_page(page);
        memory_.hold_large_page(page.bytes());
        return false;
    }
}

/// There will be memory for it, where somebody can be asked: once.
void ParquetDecoder::expect_page(const PageTooLarge& page) {
    std::uint64_t& known = spill_ ? expected_spilled_page_ : expected_page_;
    if (!memory_source_ || page.bytes() <= known) {
        throw page;
    }
    known = page.bytes();
    lacks_memory_ = true;
}

/// Every window would decode them again. Where pages are read in slices the plan has no room to
/// spill a row group that is unlike the first: there may be some.
bool ParquetDecoder::pages_are_too_large() const {
    const std::size_t window = window_.capacity();
    const std::uint64_t rows = footer_.row_groups()[group_ - 1].rows;
    if (cannot_spill_ || spill_ || rows <= window ||
        page_rows_ <= ParquetMemory::kMostDecodes * window) {
        return false;
    }
    return !memory_.slices_pages() ||
           (!sample_is_sliceable_ && memory_.has_room_to_spill(*layout_, granted_.window_bytes));
}

/// Has the row group go through temporary files. Without a folder for them pages are decoded
/// several times, which takes long but works.
void ParquetDecoder::spill_group(era::EraBatch& batch) {
    const std::uint64_t rows = footer_.row_groups()[group_ - 1].rows;
    try {
        spill_ = std::make_unique<GroupSpill>(options_.work_directory, rows);
    } catch (const util::Error& error) {
        cannot_spill_ = true;
        spdlog::warn("{}: pages of {} rows are decoded once for each {} rows: {}", file_.name(),
                     page_rows_, window_.capacity(), error.what());
        return;
    }
    memory_.spill_group();
    make_room(batch);
    const std::span<std::byte> memory = window_.storage(*layout_);
    spill_->write_texts(text_columns(), {reinterpret_cast<char*>(memory.data()), memory.size()});
    while (!spill_features(rows)) {
        features_.reopen();
        make_room(batch);
    }
    spilled_bytes_ += spill_->bytes();
}

/// False when the window has to have another layout, or more memory.
bool ParquetDecoder::spill_features(std::uint64_t rows) {
    const auto decode = [&](std::size_t first, std::span<const ColumnTarget> targets) {
        return features_.decode(
            first, first + targets.size(), rows, [&](std::size_t i) { return targets[i - first]; },
            0);
    };
    try {
        layout_is_stale_ = !spill_->write_features(
            *layout_, window_.capacity(), lend_to_pages(window_.storage(*layout_), rows), decode);
    } catch (const PageTooLarge& page) {
        expect_page(page);
        memory_.see_large_page(page.bytes());
    }
    features_.take_back();
    return !layout_is_stale_ && !lacks_memory_;
}

/// The window has no rows while they are spilled: its memory serves for pages, as far as it is
/// larger than the columns need. Returns what is left.
std::span<std::byte> ParquetDecoder::lend_to_pages(std::span<std::byte> memory,
                                                   std::uint64_t rows) {
    const std::uint64_t share = memory_.page_share_bytes();
    const bool has_room = memory.size() >= share * pool_.workers() +
                                               ParquetMemory::largest_column_bytes(*layout_, rows);
    return has_room ? features_.lend(memory, share) : memory;
}

void ParquetDecoder::probe_sample() {
    const PageFacts probe = features_.probe_one(sample_);
    page_rows_ = probe.page_rows;
    sample_is_sliceable_ = probe.is_sliceable;
    memory_.see_page_rows(page_rows_);
    look_for_spill_folder();
}

/// Pages of ids and eras may differ between row groups; the plan knows those of the first one.
void ParquetDecoder::probe_texts() {
    texts_ = {};
    for (TextColumn* const texts : text_columns()) {
        if (texts != nullptr) {
            const TextColumn::Probe probe = texts->probe();
            texts_.bytes += 2 * probe.dictionary_bytes + TextColumn::kLargePageBytes / 8 +
                            std::min(probe.page_bytes, TextColumn::kLargePageBytes) +
                            probe.stream_bytes;
            if (probe.page_bytes > TextColumn::kLargePageBytes) {
                texts_.large_bytes += probe.page_bytes;
                texts_.largest_page_bytes = std::max(texts_.largest_page_bytes, probe.page_bytes);
            }
        }
    }
    lacks_memory_ = (memory_.see_texts(texts_) && memory_source_) || lacks_memory_;
}

/// Asked when it matters for the first time: a file is made there.
void ParquetDecoder::look_for_spill_folder() {
    if (!has_looked_for_folder_ && memory_.has_long_pages() && !memory_.slices_pages()) {
        has_looked_for_folder_ = true;
        if (takes_spill_files(options_.work_directory)) {
            memory_.take_spill_files();
        }
    }
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
    probe_texts();
    if (sample_ < features_.size()) {
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

/// What the plan has for ids, of 16 characters, and for runs of eras.
bool ParquetDecoder::has_room_for_texts() const {
    constexpr std::size_t kEnoughPieces = 4096;
    const std::size_t enough =
        std::max(window_.capacity(), ParquetMemory::kMinWindowRows) * kIdBytesPerRow / 2;
    return window_ids_.bytes() < enough && pieces_.size() < kEnoughPieces;
}

/// Ids and eras of the window's next rows. Where they are long, they are read a part at a time.
void ParquetDecoder::read_texts(std::size_t rows) {
    std::string type;
    const std::size_t first = window_rows_;
    for (; rows > 0 && has_room_for_texts(); --rows) {
        const std::size_t row = window_rows_++;
        bool is_kept = true;
        if (data_types_) {
            const std::optional<std::string_view> kind = data_types_->next();
            is_kept = kind == options_.data_type;
        }
        const std::optional<std::string_view> id = ids_->next();
        if (!id) {
            fail_row("id", row, "a row without an id");
        }
        require_short("id", row, *id, kMaxIdBytes);
        std::string_view era = "all";
        if (eras_) {
            const std::optional<std::string_view> label = eras_->next();
            if (!label) {
                fail_row("era", row, "a row without an era");
            }
            require_short("era", row, *label, kMaxEraBytes);
            era = *label;
        }
        if (is_kept) {
            append_piece(era, row);
            window_ids_.push_back(*id);
        }
    }
    consumed_ += window_rows_ - first;
    rows_without_texts_ = rows;
    const bool has_spilled_rows = rows > 0 || group_row_ < footer_.row_groups()[group_ - 1].rows;
    if (!has_spilled_rows) {
        spill_.reset();
    }
}

void ParquetDecoder::forget_texts() {
    pieces_.clear();
    piece_ = 0;
    window_ids_.clear();
    next_id_ = 0;
}

/// How many of the window's next `rows` ids a batch has room for: at least one.
std::size_t ParquetDecoder::rows_with_ids(std::size_t rows, const era::EraBatch& batch) const {
    const std::size_t enough =
        std::min(batch.row_capacity(), ParquetMemory::kMinWindowRows) * kIdBytesPerRow;
    std::size_t bytes = batch.ids.bytes();
    std::size_t count = 0;
    while (count < rows && bytes < enough) {
        bytes += window_ids_[next_id_ + count].size() + sizeof(std::uint32_t);
        ++count;
    }
    return count;
}

void ParquetDecoder::require_short(std::string_view column, std::size_t row, std::string_view text,
                                   std::size_t most) {
    if (text.size() > most) {
        fail_row(column, row,
                 fmt::format("a text of {} bytes, {} are the most", text.size(), most));
    }
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
    return memory_.decoder_bytes();
}

}  // namespace erawise::decode
