#include "decode/files/id_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "decode/csv/header.h"
#include "decode/csv/open_text.h"
#include "decode/csv/text.h"
#include "decode/csv/value.h"
#include "decode/id_column.h"
#include "decode/parquet/footer.h"
#include "decode/parquet/number_values.h"
#include "decode/random_file.h"
#include "era/era_batch.h"
#include "era/number_pieces.h"
#include "util/byte_size.h"
#include "util/duplicate_ids.h"
#include "util/error.h"
#include "util/id_hash.h"

namespace erawise::decode {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The shortest row of a CSV file has an id, a comma, a digit and a line feed. Compressed ones take
/// less in the file.
constexpr std::uint64_t kLeastRowBytes = 16;
constexpr std::uint64_t kLeastCompressedRowBytes = 6;

/// Hashes that are compared at a time where the plan has little: 512 KiB.
constexpr std::uint64_t kFewestHashes = 64 * 1024;

/// Rows of a Parquet file that are decoded at a time.
constexpr std::size_t kBatchBlocks = 16;

/// What the rows tell that came into memory with the header: a column is text when it has fields
/// there, and none of them is a number.
std::vector<ValueColumn> columns_of(CsvText& text, const std::vector<std::string>& names) {
    std::vector<bool> has_number(names.size());
    std::vector<bool> has_text(names.size());
    const CsvText::RowPosition start = text.position();
    while (text.preview_row()) {
        for (std::size_t i = 0; i < std::min(names.size(), text.fields()); ++i) {
            const CsvValue::Kind kind = read_value(text.field(i)).kind;
            has_text[i] = has_text[i] || kind == CsvValue::Kind::text;
            has_number[i] =
                has_number[i] || (kind != CsvValue::Kind::text && kind != CsvValue::Kind::missing);
        }
    }
    text.return_to(start);
    std::vector<ValueColumn> columns;
    for (std::size_t i = 0; i < names.size(); ++i) {
        columns.push_back({names[i], has_number[i] || !has_text[i]});
    }
    return columns;
}

std::vector<ValueColumn> columns_of(const std::filesystem::path& parquet) {
    std::vector<ValueColumn> columns;
    for (const ParquetColumn& column : ParquetFooter(RandomFile(parquet)).columns()) {
        columns.push_back({column.name, is_number(column)});
    }
    return columns;
}

}  // namespace

/// The rows of a file, one after the other.
class IdValues::Reader {
  public:
    virtual ~Reader() = default;
    /// False at the end.
    virtual bool next() = 0;
    /// Of the row; the id's text stays until the next one.
    [[nodiscard]] virtual std::string_view id() = 0;
    [[nodiscard]] virtual double value() = 0;
    /// The name of the column.
    [[nodiscard]] virtual const std::string& column() const = 0;
    /// Where the row is, in lines or rows.
    [[nodiscard]] virtual std::uint64_t place() const = 0;
};

class IdValues::CsvReader final : public Reader {
  public:
    CsvReader(const std::filesystem::path& file, const ColumnChoice& choice)
        : text_(open_text(file, {}), file.string()),
          names_(read_csv_header(text_)),
          id_(require_id_column(names_, file.string())),
          value_(choose_value_column(columns_of(text_, names_), choice, file)) {}

    bool next() override {
        const bool has_row = text_.next_row();
        if (has_row) {
            require_field_count(text_, names_.size());
            std::ignore = require_label(text_, id_, "id", kMaxIdBytes);
        }
        return has_row;
    }
    [[nodiscard]] std::string_view id() override { return text_.field(id_); }
    [[nodiscard]] double value() override {
        const std::optional<double> number = numbers_.read(text_.field(value_));
        if (!number) {
            fail_number(text_, value_, names_[value_]);
        }
        return *number;
    }
    [[nodiscard]] std::uint64_t place() const override { return text_.line(); }

    [[nodiscard]] const std::string& column() const override { return names_[value_]; }

  private:
    CsvText text_;
    std::vector<std::string> names_;
    std::size_t id_ = 0;
    std::size_t value_ = 0;
    CsvNumbers numbers_;
};

class IdValues::ParquetReader final : public Reader {
  public:
    ParquetReader(const std::filesystem::path& file, const ColumnChoice& choice)
        : decoder_(open_decoder(file, {.window_bytes = util::kMiB})),
          batch_(kBatchBlocks * era::kBlockRows * sizeof(float) * era::kNumberPieces) {
        const std::vector<ValueColumn> columns = columns_of(file);
        column_ = columns[choose_value_column(columns, choice, file)].name;
        decoder_->select({}, std::span(&column_, 1));
        // A row group that passes through a temporary file takes a window with all of its rows.
        decoder_->set_memory_source([this](const era::BlockLayout&) {
            const std::uint64_t bytes = decoder_->window_needs().minimum_bytes;
            return MemoryGrant{.window_bytes = bytes, .page_bytes = UINT64_MAX};
        });
    }

    bool next() override {
        ++place_;
        if (row_ + 1 < batch_rows_) {
            ++row_;
            return true;
        }
        row_ = 0;
        batch_rows_ = decoder_->next(batch_) ? batch_.rows() : 0;
        return batch_rows_ > 0;
    }
    [[nodiscard]] std::string_view id() override { return batch_.ids[row_]; }
    [[nodiscard]] double value() override { return era::number_at(batch_, row_, 0); }
    [[nodiscard]] const std::string& column() const override { return column_; }
    [[nodiscard]] std::uint64_t place() const override { return place_; }

  private:
    std::unique_ptr<Decoder> decoder_;
    std::string column_;
    era::EraBatch batch_;
    std::size_t batch_rows_ = 0;
    std::size_t row_ = 0;
    std::uint64_t place_ = 0;  ///< of the row in the file, from 1
};

IdValues::IdValues(const std::filesystem::path& file, const ColumnChoice& choice)
    : file_(file),
      reader_(open_reader(choice)),
      column_(reader_->column()),
      has_row_(reader_->next()) {}

std::unique_ptr<IdValues::Reader> IdValues::open_reader(const ColumnChoice& choice) const {
    if (is_parquet(file_)) {
        return std::make_unique<ParquetReader>(file_, choice);
    }
    return std::make_unique<CsvReader>(file_, choice);
}

IdValues::~IdValues() = default;

std::uint64_t IdValues::reading_memory_bytes() const {
    return decompression_memory_bytes(file_);
}

std::uint64_t IdValues::most_memory_bytes() const {
    if (is_parquet(file_)) {
        return ParquetFooter(RandomFile(file_)).rows() * sizeof(Entry);
    }
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(file_, status);
    const bool is_xz = decompression_memory_bytes(file_) > 0;
    return status ? 0 : bytes / (is_xz ? kLeastCompressedRowBytes : kLeastRowBytes) * sizeof(Entry);
}

void IdValues::finish() const {
    if (reader_ && has_row_) {
        require_unique_ids();
    }
}

void IdValues::require_unique_ids() const {
    const auto for_each_id = [&](auto&& body) {
        const std::unique_ptr<Reader> rows = open_reader({.name = column_});
        while (rows->next()) {
            body(rows->id(), rows->place());
        }
    };
    const auto room =
        std::clamp<std::uint64_t>(memory_bytes_ / sizeof(std::uint64_t), kFewestHashes,
                                  most_memory_bytes() / sizeof(Entry) + 1);
    if (const auto twice = util::find_duplicate_id(for_each_id, room)) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: the id '{}' is there twice, in the {} {} and {}", file_.string(),
                        twice->id, is_parquet(file_) ? "rows" : "lines", twice->first,
                        twice->second));
    }
}

double IdValues::find(std::string_view id) {
    if (reader_) {
        if (has_row_ && reader_->id() == id) {
            const double value = reader_->value();
            has_row_ = reader_->next();
            ++found_;
            return value;
        }
        require_unique_ids();
        keep_the_rest();
    }
    const std::uint64_t hash = util::id_hash(id);
    const auto found = std::ranges::lower_bound(kept_, hash, {}, &Entry::hash);
    if (found == kept_.end() || found->hash != hash) {
        return kMissing;
    }
    ++found_;
    return found->value;
}

void IdValues::keep_the_rest() {
    for (; has_row_; has_row_ = reader_->next()) {
        if ((kept_.size() + 1) * sizeof(Entry) > memory_bytes_) {
            throw util::Error(
                util::ErrorKind::memory,
                fmt::format("{}: its rows have another order than the data's, and keeping them "
                            "takes more than {}; bring them into the order of the data, or raise "
                            "the limit",
                            file_.string(), util::format_byte_size(memory_bytes_)));
        }
        if (kept_.size() == kept_.capacity()) {
            // Never more than half as much again: the old ones are there until the new ones are.
            kept_.reserve(std::max<std::size_t>(4096, kept_.size() + kept_.size() / 2));
        }
        kept_.push_back({util::id_hash(reader_->id()), reader_->value()});
    }
    reader_.reset();
    std::ranges::sort(kept_, {}, &Entry::hash);
    if (std::ranges::adjacent_find(kept_, {}, &Entry::hash) != kept_.end()) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: two of its ids cannot be told apart by their hashes; bring its rows "
                        "into the order of the data",
                        file_.string()));
    }
}

}  // namespace erawise::decode
