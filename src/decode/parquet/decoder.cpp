#include "decode/parquet/decoder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "decode/parquet/chosen_columns.h"
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
      labels_(file_),
      room_(file_.name(), features_, labels_,
            {.window_bytes = options_.window_bytes, .page_bytes = options_.page_bytes}),
      group_(footer_, features_, labels_) {
    for (const ParquetColumn& column : footer_.columns()) {
        names_.push_back(column.name);
    }
}

ParquetDecoder::~ParquetDecoder() = default;

const era::BlockLayout& ParquetDecoder::select_columns(std::span<const SelectedColumn> columns) {
    const ChosenColumns choice =
        choose_columns({.file = file_.name(), .names = names_, .columns = footer_.columns()},
                       columns, options_.data_type);
    if (footer_.rows() == 0) {
        throw data_error(fmt::format("{}: the file has columns and no rows", file_.name()));
    }
    for (const auto& [index, piece] : choice.features) {
        features_.add(footer_.columns()[index], index, piece);
    }
    labels_.select(footer_.columns(), choice, options_.data_type, PageLimits{options_.page_bytes});
    group_.select(choice.columns());
    look_at_first_pages();
    room_.want_nothing();
    room_.renew_layout();
    return room_.layout();
}

/// The first pages tell which columns have few values and how large pages are, so that the memory
/// plan knows. What they do not tell ends a window early later on.
void ParquetDecoder::look_at_first_pages() {
    open_next_group();
    const GroupFacts pages = features_.probe_first_pages();
    features_.take_back();  // pages that were looked at
    group_.take_facts(pages);
    plan_for(pages);
    if (!room_.memory().will_spill()) {
        room_.memory().hold_large_texts(group_.texts());
    }
    room_.memory().set_file(file_needs());
    group_.rewind();
}

void ParquetDecoder::plan_for(const GroupFacts& pages) {
    const bool in_slices =
        plan_long_pages(pages, features_.size(), group_.texts()) == LongPages::in_slices;
    if (in_slices) {
        room_.memory().slice_pages();
    }
    if (features_.size() > 0) {
        const bool is_sliced = in_slices || pages.sliceable == features_.size();
        group_.set_sample(is_sliced ? pages.sample : pages.other_sample);
        group_.look_at_sample();
        room_.memory().see_page_rows(group_.needs().page_rows);
        look_for_spill_folder();
    }
    room_.memory().see(pages);
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
    needs.fixed_bytes +=
        features_.size() * (FeatureSet::bytes_per_feature(room_.memory().slices_pages()) +
                            sizeof(era::BlockLayout::Column) + 24);
    return needs;
}

/// Asked when it matters for the first time: a file is made there.
void ParquetDecoder::look_for_spill_folder() {
    if (!has_looked_for_folder_ && room_.memory().has_long_pages() &&
        !room_.memory().slices_pages()) {
        has_looked_for_folder_ = true;
        if (takes_spill_files(options_.work_directory)) {
            room_.memory().take_spill_files();
        }
    }
}

const era::BlockLayout& ParquetDecoder::survey(const util::StopSignal& stop) {
    room_.release_window();
    rows_.reset();
    is_spilled_ = false;
    features_.take_back();
    features_.set_limits(PageLimits{options_.page_bytes});
    group_.rewind();
    while (open_next_group()) {
        stop.throw_if_requested();
        if (!room_.memory().will_spill()) {
            room_.memory().hold_large_texts(group_.texts());
        }
        room_.memory().see(features_.survey_pages());
    }
    features_.take_back();
    room_.renew_layout();
    return room_.layout();
}

bool ParquetDecoder::grant(const MemoryGrant& memory) {
    room_.grant(memory);
    return true;
}

bool ParquetDecoder::next(era::EraBatch& batch) {
    if (!has_labels(batch)) {
        if (!any_row_) {
            throw data_error(
                fmt::format("{}: no row has the data_type '{}'", file_.name(), options_.data_type));
        }
        log_pages();
        return false;
    }
    begin_era();
    batch.reset(room_.shared_layout(), last_era_);
    while (!labels_.is_empty() && labels_.run().era == last_era_) {
        const std::size_t left = labels_.run().rows;
        const std::size_t rows = labels_.rows_for(batch);
        if (rows > 0) {
            cut_rows(labels_.run().first, rows, batch);
        }
        if (rows < left) {
            break;
        }
    }
    for (std::size_t i = 0; i < features_.size(); ++i) {
        batch.set_levels(i, features_[i].levels);
    }
    return true;
}

/// Has rows in the window whose labels were read, and not taken. False at the end of the file.
bool ParquetDecoder::has_labels(era::EraBatch& batch) {
    while (labels_.is_empty()) {
        if (rows_without_labels_ > 0) {
            labels_.clear();
            read_labels(rows_without_labels_);
        } else if (!fill_window(batch)) {
            return false;
        }
    }
    return true;
}

void ParquetDecoder::begin_era() {
    const RowLabels::Run& run = labels_.run();
    if (!any_row_ || run.era != last_era_) {
        tracker_.begin(run.era, window_first_ + run.first + 1, file_.name());
        last_era_ = run.era;
        any_row_ = true;
    }
}

/// Appends rows of the window to the batch.
void ParquetDecoder::cut_rows(std::size_t from, std::size_t rows, era::EraBatch& batch) {
    const std::size_t first = batch.rows();
    labels_.take(rows, batch.ids);
    const std::size_t first_block = first / era::kBlockRows;
    const std::size_t blocks = (first + rows - 1) / era::kBlockRows - first_block + 1;
    pool_.for_each(blocks, [&](std::size_t, std::size_t index) {
        const std::size_t block = first_block + index;
        const std::size_t begin = std::max(first, block * era::kBlockRows);
        const std::size_t end = std::min(first + rows, (block + 1) * era::kBlockRows);
        room_.window().copy_rows(from + (begin - first), end - begin, batch, block,
                                 begin % era::kBlockRows);
    });
}

/// Decodes the next rows of the file: up to the end of a page where that is near, and through
/// several row groups where they are small. False at the end.
bool ParquetDecoder::fill_window(era::EraBatch& batch) {
    do {
        room_.make(batch, window_first_ + window_rows_);
        window_first_ += window_rows_;
        window_rows_ = 0;
        labels_.clear();
        while (window_rows_ < room_.window().capacity() && take_rows(batch)) {
        }
    } while (window_rows_ == 0 && room_.is_wanting());
    return window_rows_ > 0;
}

/// A part of what fits into the window. False when nothing can follow it there.
bool ParquetDecoder::take_rows(era::EraBatch& batch) {
    if (group_.rows_left() == 0 && !open_next_group()) {
        return false;
    }
    if (!group_.fits(room_.layout())) {
        room_.want_layout();
    }
    if (room_.is_wanting() || (group_.row() == 0 && !choose_rows(batch))) {
        return false;
    }
    if (!is_spilled_ && room_.memory().hold_large_texts(group_.texts()) && room_.has_source()) {
        room_.want_memory();
        return false;
    }
    const std::size_t rows = rows_->count_for(group_.row(), group_.rows_left(),
                                              room_.window().capacity() - window_rows_);
    if (!decode_features(rows)) {
        return false;
    }
    group_.advance(rows);
    const bool was_spilled = is_spilled_;
    read_labels(rows);
    return group_.rows_left() == 0 && !was_spilled && rows_without_labels_ == 0;
}

bool ParquetDecoder::open_next_group() {
    if (!group_.open_next()) {
        return false;
    }
    if (room_.memory().see_texts(group_.texts()) && room_.has_source()) {
        room_.want_memory();
    }
    room_.memory().see_page_rows(group_.needs().page_rows);
    look_for_spill_folder();
    return true;
}

/// Decides how the rows of the group come into windows. False: not into this one.
bool ParquetDecoder::choose_rows(era::EraBatch& batch) {
    const GroupMeans means = group_means();
    const bool looks_at_all = wants_all_features(group_.needs(), means);
    const GroupNeeds needs = looks_at_all ? group_.needs_of_all() : group_.needs();
    if (choose_way(needs, means) == GroupWay::spilled) {
        if (window_rows_ > 0) {
            return false;  // what is spilled begins with a window
        }
        if (spill_group(batch)) {
            return true;
        }
    }
    rows_ = std::make_unique<DecodedRows>(features_, group_.needs().page_rows);
    return true;
}

GroupMeans ParquetDecoder::group_means() const {
    const ParquetMemory& memory = room_.memory();
    const bool in_slices = memory.slices_pages();
    return {.plan = in_slices ? LongPages::in_slices : LongPages::spilled,
            .window_rows = room_.window().capacity(),
            .has_room_to_spill =
                !in_slices || memory.has_room_to_spill(room_.layout(), room_.window_bytes()),
            .takes_spill_files = !cannot_spill_};
}

/// Has the row group go through temporary files. False where there is no folder for them: pages are
/// decoded several times then, which takes long but works.
bool ParquetDecoder::spill_group(era::EraBatch& batch) {
    std::unique_ptr<SpilledRows> rows;
    try {
        rows =
            std::make_unique<SpilledRows>(options_.work_directory, features_, room_, group_.rows());
    } catch (const util::Error& error) {
        cannot_spill_ = true;
        spdlog::warn("{}: pages of {} rows are decoded once for each {} rows: {}", file_.name(),
                     group_.needs().page_rows, room_.window().capacity(), error.what());
        return false;
    }
    rows->write(labels_, batch, window_first_);
    spilled_bytes_ += rows->bytes();
    rows_ = std::move(rows);
    is_spilled_ = true;
    return true;
}

/// The next rows of all features. False: nothing was taken, and there is another layout, or a page
/// that is larger than expected.
bool ParquetDecoder::decode_features(std::size_t rows) {
    try {
        if (!rows_->read(room_.layout(), room_.window(), group_.row(), rows, window_rows_)) {
            room_.want_layout();
            return false;
        }
        return true;
    } catch (const PageTooLarge& page) {
        room_.want_page(page, WindowRoom::PageHome::beside_window);
        room_.memory().hold_large_page(page.bytes());
        return false;
    }
}

/// Ids and eras of the window's next rows. Where they are long, they are read a part at a time.
void ParquetDecoder::read_labels(std::size_t rows) {
    const std::size_t count =
        labels_.read(window_rows_, rows, room_.window().capacity(), window_first_);
    window_rows_ += count;
    consumed_ += count;
    rows_without_labels_ = rows - count;
    if (is_spilled_ && rows_without_labels_ == 0 && group_.rows_left() == 0) {
        rows_.reset();
        is_spilled_ = false;
    }
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

/// Rows are what is known while it runs; the bytes of the file follow them.
std::uint64_t ParquetDecoder::consumed_bytes() const {
    return static_cast<std::uint64_t>(double(consumed_) / double(footer_.rows()) *
                                      double(file_.size()));
}

/// Without the window, which the plan decides.
std::uint64_t ParquetDecoder::memory_bytes() const {
    return room_.memory().decoder_bytes();
}

}  // namespace erawise::decode
