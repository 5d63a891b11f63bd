#include "decode/id_values.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "decode/csv_dictionary.h"
#include "decode/csv_text.h"
#include "decode/number_values.h"
#include "decode/open_text.h"
#include "decode/parquet_footer.h"
#include "decode/random_file.h"
#include "era/era_batch.h"
#include "era/number_pieces.h"
#include "util/byte_size.h"
#include "util/error.h"
#include "util/id_hash.h"

namespace erawise::decode {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// The shortest row of a CSV file has an id, a comma, a digit and a line feed. Compressed ones take
/// less in the file.
constexpr std::uint64_t kLeastRowBytes = 16;
constexpr std::uint64_t kLeastCompressedRowBytes = 6;

/// Rows of a Parquet file that are decoded at a time.
constexpr std::size_t kBatchBlocks = 16;

/// What the rows tell that came into memory with the header: a column is text when it has fields
/// there, and none of them is a number.
std::vector<ValueColumn> columns_of(CsvText& text, const std::vector<std::string>& names) {
    std::vector<bool> has_number(names.size());
    std::vector<bool> has_text(names.size());
    const CsvText::Mark mark = text.mark();
    while (text.preview_row()) {
        for (std::size_t i = 0; i < std::min(names.size(), text.fields()); ++i) {
            const std::optional<double> number = parse_number(text.field(i));
            has_number[i] = has_number[i] || (number && !std::isnan(*number));
            has_text[i] = has_text[i] || !number;
        }
    }
    text.return_to(mark);
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

std::size_t place_of_ids(const std::vector<std::string>& names, const std::filesystem::path& file) {
    const auto found = std::ranges::find(names, "id");
    if (found == names.end()) {
        throw util::Error(
            util::ErrorKind::data,
            fmt::format("{}: there is no column 'id'; it begins with '{}'", file.string(),
                        names.empty() ? "" : names.front().substr(0, 40)));
    }
    return static_cast<std::size_t>(found - names.begin());
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
};

class IdValues::CsvReader final : public Reader {
  public:
    CsvReader(const std::filesystem::path& file, const ColumnChoice& choice)
        : text_(open_text(file, {}), file.string()) {
        std::vector<std::string> names;
        for (bool has_header = text_.next_row(); has_header && names.size() < text_.fields();) {
            names.emplace_back(text_.field(names.size()));
        }
        const std::vector<ValueColumn> columns = columns_of(text_, names);
        id_ = place_of_ids(names, file);
        value_ = choose_value_column(columns, choice, file);
        column_ = names[value_];
    }

    bool next() override {
        if (!text_.next_row()) {
            return false;
        }
        if (text_.fields() <= std::max(id_, value_)) {
            throw util::Error(util::ErrorKind::data, fmt::format("{}: the row has {} fields only",
                                                                 text_.place(), text_.fields()));
        }
        return true;
    }
    [[nodiscard]] std::string_view id() override { return text_.field(id_); }
    [[nodiscard]] double value() override {
        const std::string_view field = text_.field(value_);
        const std::optional<double> number = parse_number(field);
        if (!number) {
            throw util::Error(
                util::ErrorKind::data,
                fmt::format("{}: '{}' is not a finite number", text_.place(), field.substr(0, 40)));
        }
        return *number;
    }

    [[nodiscard]] const std::string& column() const override { return column_; }

  private:
    CsvText text_;
    std::string column_;
    std::size_t id_ = 0;
    std::size_t value_ = 0;
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

  private:
    std::unique_ptr<Decoder> decoder_;
    std::string column_;
    era::EraBatch batch_;
    std::size_t batch_rows_ = 0;
    std::size_t row_ = 0;
};

IdValues::IdValues(const std::filesystem::path& file, const ColumnChoice& choice) : file_(file) {
    if (is_parquet(file)) {
        reader_ = std::make_unique<ParquetReader>(file, choice);
    } else {
        reader_ = std::make_unique<CsvReader>(file, choice);
    }
    column_ = reader_->column();
    has_row_ = reader_->next();
}

IdValues::~IdValues() = default;

std::uint64_t IdValues::most_memory_bytes() const {
    if (is_parquet(file_)) {
        return ParquetFooter(RandomFile(file_)).rows() * sizeof(Entry);
    }
    std::error_code status;
    const std::uintmax_t bytes = std::filesystem::file_size(file_, status);
    const bool is_xz = decompression_memory_bytes(file_) > 0;
    return status ? 0 : bytes / (is_xz ? kLeastCompressedRowBytes : kLeastRowBytes) * sizeof(Entry);
}

double IdValues::find(std::string_view id) {
    if (reader_) {
        if (has_row_ && reader_->id() == id) {
            const double value = reader_->value();
            has_row_ = reader_->next();
            ++found_;
            return value;
        }
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
        throw util::Error(util::ErrorKind::data,
                          fmt::format("{}: an id is there twice", file_.string()));
    }
}

}  // namespace erawise::decode
