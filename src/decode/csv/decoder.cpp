#include "decode/csv/decoder.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <unordered_map>

#include "decode/csv/header.h"
#include "decode/id_column.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

util::Error data_error(std::string message) {
    return {util::ErrorKind::data, std::move(message)};
}

}  // namespace

CsvDecoder::CsvDecoder(std::unique_ptr<ByteSource> source, std::string name, era::EraOrder order,
                       std::string data_type)
    : text_(std::move(source), std::move(name)), data_type_(std::move(data_type)), tracker_(order) {
    read_header();
}

void CsvDecoder::read_header() {
    names_ = read_csv_header(text_);
    id_field_ = require_id_column(names_, text_.name());
    if (const auto era = std::ranges::find(names_, "era"); era != names_.end()) {
        era_field_ = static_cast<std::size_t>(era - names_.begin());
    } else {
        spdlog::warn("{}: no column 'era'; the file is taken as one era", text_.name());
    }
    if (!data_type_.empty()) {
        const auto kind = std::ranges::find(names_, "data_type");
        if (kind == names_.end()) {
            throw data_error(
                fmt::format("{}: rows cannot be chosen by data_type '{}': there is no "
                            "column 'data_type'",
                            text_.name(), data_type_));
        }
        data_type_field_ = static_cast<std::size_t>(kind - names_.begin());
    }
}

/// Goes to the next row that is wanted.
bool CsvDecoder::next_row() {
    while (text_.next_row()) {
        if (data_type_.empty()) {
            return true;
        }
        check_field_count();
        if (text_.field(data_type_field_) == data_type_) {
            return true;
        }
    }
    return false;
}

const era::BlockLayout& CsvDecoder::select_columns(std::span<const SelectedColumn> columns) {
    std::unordered_map<std::string_view, std::size_t> fields;
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const auto [entry, is_new] = fields.try_emplace(names_[i], i);
        if (!is_new && !names_[i].empty()) {
            throw data_error(
                fmt::format("{}: the header names column '{}' twice, as columns {} and {}",
                            text_.name(), names_[i], entry->second + 1, i + 1));
        }
    }
    for (const SelectedColumn& column : columns) {
        const auto found = fields.find(column.name);
        if (found == fields.end()) {
            throw data_error(fmt::format("{}: there is no column '{}'", text_.name(), column.name));
        }
        fields_.push_back(static_cast<std::uint32_t>(found->second));
        dictionaries_.emplace_back(column.piece);
    }
    shapes_.resize(fields_.size());
    codes_ = std::make_unique<CodeRows>(fields_.size());
    learn_from_first_rows();
    rebuild_layout();
    return *layout_;
}

/// The rows that came into memory with the header tell which columns have few values, so that the
/// memory plan knows the layout. What they do not tell ends a batch early later on.
void CsvDecoder::learn_from_first_rows() {
    const CsvText::RowPosition start = text_.position();
    while (text_.preview_row()) {
        learn_from_row();
    }
    text_.return_to(start);
}

/// What is wrong with a row is said when its turn comes.
void CsvDecoder::learn_from_row() {
    if (text_.fields() != names_.size()) {
        return;
    }
    for (std::size_t i = 0; i < fields_.size(); ++i) {
        if (shapes_[i].form == era::ColumnForm::coded) {
            widen(i, dictionaries_[i].encode(text_.field(fields_[i])));
        }
    }
}

const era::BlockLayout& CsvDecoder::survey(const util::StopSignal& stop) {
    if (any_row_) {
        learn_from_row();  // the one at hand
    }
    while (next_row()) {
        stop.throw_if_requested();
        learn_from_row();
    }
    rebuild_layout();
    return *layout_;
}

/// Gives a column the room that the result of encoding a field asks for. True when it had too
/// little.
bool CsvDecoder::widen(std::size_t column, CsvDictionary::Result result) {
    Shape& shape = shapes_[column];
    if (result.outcome == CsvDictionary::Outcome::too_many_levels) {
        shape = {era::ColumnForm::plain, 0};
        return true;
    }
    if (result.outcome == CsvDictionary::Outcome::coded && result.code >> shape.planes != 0) {
        shape.planes = era::kMaxPlanes;
        return true;
    }
    return false;
}

void CsvDecoder::rebuild_layout() {
    auto layout = std::make_shared<era::BlockLayout>();
    coded_.clear();
    plain_.clear();
    for (std::uint32_t i = 0; i < shapes_.size(); ++i) {
        layout->add(shapes_[i].form, shapes_[i].planes);
        (shapes_[i].form == era::ColumnForm::coded ? coded_ : plain_).push_back(i);
    }
    layout_ = std::move(layout);
    layout_is_stale_ = false;
}

bool CsvDecoder::next(era::EraBatch& batch) {
    if (!next_row()) {
        if (!any_row_) {
            throw data_error(
                data_type_.empty()
                    ? fmt::format("{}: the file has a header and no rows", text_.name())
                    : fmt::format("{}: no row has the data_type '{}'", text_.name(), data_type_));
        }
        return false;
    }
    start(batch);
    do {
        check_field_count();
        const bool is_full = batch.rows() == batch.row_capacity() ||
                             batch.ids.bytes() >= most_id_bytes(batch.row_capacity());
        if (is_full || era_of_row() != batch.era) {
            text_.repeat_row();
            break;
        }
        if (store_row(batch) == RowResult::needs_new_layout) {
            layout_is_stale_ = true;
            text_.repeat_row();
            if (batch.rows() > 0) {
                break;
            }
            start(batch);
        }
    } while (next_row());
    finish(batch);
    return true;
}

void CsvDecoder::start(era::EraBatch& batch) {
    check_field_count();
    if (layout_is_stale_) {
        rebuild_layout();
    }
    const std::string_view era =
        era_field_ ? require_label(text_, *era_field_, "era", kMaxEraBytes) : era_of_row();
    if (!any_row_ || era != last_era_) {
        tracker_.begin(era, text_.line(), text_.name());
        last_era_ = era;
        any_row_ = true;
    }
    batch.reset(layout_, last_era_);
    require_room(batch);
    staged_rows_ = 0;
}

void CsvDecoder::require_room(era::EraBatch& batch) {
    if (batch.row_capacity() == 0 && memory_source_) {
        memory_source_(*layout_);
        batch.reset(layout_, last_era_);
    }
    if (batch.row_capacity() == 0) {
        throw util::Error(
            util::ErrorKind::memory,
            fmt::format("{}: {} of {} features have more than {} different values, so that {} rows "
                        "take {}; there is less",
                        text_.place(), plain_.size(), fields_.size(), era::kMaxLevels,
                        era::kBlockRows, util::format_byte_size(layout_->block_bytes)));
    }
}

void CsvDecoder::finish(era::EraBatch& batch) {
    pack_staged_rows(batch);
    for (const std::uint32_t column : coded_) {
        batch.set_levels(column, dictionaries_[column].levels());
    }
}

void CsvDecoder::check_field_count() const {
    require_field_count(text_, names_.size());
}

std::string_view CsvDecoder::era_of_row() {
    return era_field_ ? text_.field(*era_field_) : std::string_view("all");
}

CsvDecoder::RowResult CsvDecoder::store_row(era::EraBatch& batch) {
    std::uint8_t* const codes = codes_->row(staged_rows_);
    const bool has_quotes = text_.has_quotes();
    for (const std::uint32_t column : coded_) {
        const std::string_view field = text_.raw_field(fields_[column]);
        if (field.size() <= kMaxKeyBytes && !has_quotes) [[likely]] {
            codes[column] = dictionaries_[column].find(field_key(field.data(), field.size()));
            if (codes[column] != CsvDictionary::kUnknown) [[likely]] {
                continue;
            }
        }
        if (encode_slowly(column, codes[column]) == RowResult::needs_new_layout) {
            return RowResult::needs_new_layout;
        }
    }
    if (!plain_.empty()) {
        store_plain_values(batch);
    }
    batch.ids.push_back(require_label(text_, id_field_, "id", kMaxIdBytes));
    if (++staged_rows_ == CodeRows::kRows) {
        pack_staged_rows(batch);
    }
    return RowResult::stored;
}

CsvDecoder::RowResult CsvDecoder::encode_slowly(std::size_t column, std::uint8_t& code) {
    const CsvDictionary::Result result = dictionaries_[column].encode(text_.field(fields_[column]));
    if (result.outcome == CsvDictionary::Outcome::not_a_number) {
        fail_number(text_, fields_[column], names_[fields_[column]]);
    }
    code = result.code;
    return widen(column, result) ? RowResult::needs_new_layout : RowResult::stored;
}

void CsvDecoder::store_plain_values(era::EraBatch& batch) {
    const std::size_t row = batch.rows();
    for (const std::uint32_t column : plain_) {
        const std::optional<float> value = dictionaries_[column].read(text_.field(fields_[column]));
        if (!value) {
            fail_number(text_, fields_[column], names_[fields_[column]]);
        }
        batch.values(row / era::kBlockRows, column)[row % era::kBlockRows] = *value;
    }
}

void CsvDecoder::pack_staged_rows(era::EraBatch& batch) {
    if (staged_rows_ == 0) {
        return;
    }
    const std::size_t first = batch.rows() - staged_rows_;
    pack_planes(*codes_, staged_rows_, *layout_, batch.block(first / era::kBlockRows),
                first % era::kBlockRows / CodeRows::kRows);
    staged_rows_ = 0;
}

std::uint64_t CsvDecoder::memory_bytes() const {
    std::uint64_t bytes = text_.memory_bytes() + text_.source().memory_bytes();
    bytes += dictionaries_.capacity() * sizeof(CsvDictionary);
    bytes += codes_ ? codes_->codes.capacity() : 0;
    for (const std::string& name : names_) {
        bytes += sizeof name + name.capacity();
    }
    return bytes;
}

}  // namespace erawise::decode
