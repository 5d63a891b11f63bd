#include "submit/submission_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <tuple>

#include "decode/csv/value.h"
#include "submit/submission_rows.h"
#include "util/duplicate_ids.h"
#include "util/error.h"

namespace erawise::submit {
namespace {

/// Ids whose hashes are sorted at a time: 8 bytes each, 2.5 MiB.
constexpr std::size_t kIdsAtATime = std::size_t{320} * 1024;

/// Numerai's bound: numpy.isclose(0, deviation).
constexpr double kSmallestDeviation = 1e-8;

[[noreturn]] void reject(const std::filesystem::path& file, std::string_view what) {
    throw util::Error(util::ErrorKind::rejected, fmt::format("{}: {}", file.string(), what));
}

/// Everything that one pass over the rows finds: for each rule the first line that breaks it.
struct Findings {
    CheckedSubmission summary{.rows = 0,
                              .minimum = std::numeric_limits<double>::infinity(),
                              .maximum = -std::numeric_limits<double>::infinity()};
    std::optional<std::uint64_t> malformed{};
    std::optional<std::uint64_t> without_id{};
    std::optional<std::uint64_t> missing_value{};
    std::optional<std::uint64_t> no_number{};
    std::optional<std::uint64_t> out_of_range{};
    double mean = 0;
    double squares = 0;
    util::IdSet ids{};

    void add(const SubmissionRow& row) {
        ++summary.rows;
        note(malformed, !row.two_fields, row.line);
        note(without_id, decode::is_missing(row.first), row.line);
        ids.add(row.first);
        add_value(row);
    }

    /// The standard deviation over all rows (Welford's running form).
    [[nodiscard]] double deviation() const {
        return summary.rows < 2 ? 0 : std::sqrt(squares / static_cast<double>(summary.rows - 1));
    }

  private:
    static void note(std::optional<std::uint64_t>& first, bool broken, std::uint64_t line) {
        if (broken && !first) {
            first = line;
        }
    }

    void add_value(const SubmissionRow& row) {
        const decode::CsvValue read = decode::read_value(row.second);
        if (read.kind != decode::CsvValue::Kind::number) {
            const bool is_missing = read.kind == decode::CsvValue::Kind::missing;
            note(is_missing ? missing_value : no_number, true, row.line);
            return;
        }
        const double value = read.number;
        note(out_of_range, value < 0 || value > 1, row.line);
        summary.minimum = std::min(summary.minimum, value);
        summary.maximum = std::max(summary.maximum, value);
        const double distance = value - mean;
        mean += distance / static_cast<double>(summary.rows);
        squares += distance * (value - mean);
    }
};

void check_header(const std::filesystem::path& file, const SubmissionRow& header) {
    if (!header.two_fields || header.first != "id" ||
        (header.second != "prediction" && header.second != "probability")) {
        reject(file,
               "invalid_submission_headers: headers must be one of ['id'] and one of "
               "['prediction', 'probability'], these two and in this order (line 1)");
    }
}

void check_duplicates(const std::filesystem::path& file) {
    const auto for_each_id = [&](auto&& body) {
        SubmissionRows rows(file);
        SubmissionRow row;
        std::ignore = rows.next(row);
        while (rows.next(row)) {
            body(std::string_view(row.first), row.line);
        }
    };
    if (const auto twice = util::find_duplicate_id(for_each_id, kIdsAtATime)) {
        reject(file, fmt::format("invalid_submission_ids: Duplicates detected in id for live "
                                 "period: {} (lines {} and {})",
                                 twice->id, twice->first, twice->second));
    }
}

/// The official validator drops ids that are not live; a file of ours has none to drop.
void check_live_ids(const std::filesystem::path& file, const Findings& found,
                    const util::IdSet& expected) {
    if (found.ids.count() < expected.count()) {
        reject(file,
               fmt::format("invalid_submission_ids: Not enough stocks submitted: {} of the {} "
                           "ids of the live data; predict it again",
                           found.ids.count(), expected.count()));
    }
    if (found.ids != expected) {
        reject(file,
               "invalid_submission_ids: the ids are not those of the live data that was "
               "predicted; predict it again");
    }
}

void check_values(const std::filesystem::path& file, const Findings& found) {
    constexpr std::string_view kind = "invalid_submission_values";
    if (found.missing_value) {
        reject(file, fmt::format("{}: submission must not contain NaNs (line {})", kind,
                                 *found.missing_value));
    }
    if (found.no_number) {
        reject(file, fmt::format("{}: values must be numbers (line {})", kind, *found.no_number));
    }
    if (found.out_of_range) {
        reject(file, fmt::format("{}: values must be between 0 and 1 exclusive (line {}); submit "
                                 "ranks: predict with --transform rank",
                                 kind, *found.out_of_range));
    }
    if (found.deviation() <= kSmallestDeviation) {
        reject(file, fmt::format("{}: submission must have non-zero standard deviation; the model "
                                 "gives the same value for every row",
                                 kind));
    }
}

}  // namespace

CheckedSubmission check_submission(const std::filesystem::path& file,
                                   const std::optional<util::IdSet>& expected) {
    SubmissionRows rows(file);
    SubmissionRow row;
    if (!rows.next(row)) {
        reject(file, "invalid_submission_headers: the file is empty");
    }
    check_header(file, row);
    Findings found;
    while (rows.next(row)) {
        found.add(row);
    }
    if (found.summary.rows == 0) {
        reject(file, "invalid_submission_ids: Not enough stocks submitted: the file has no rows");
    }
    if (found.malformed) {
        reject(file, fmt::format("invalid_submission_headers: a row must have two fields, as the "
                                 "header has (line {})",
                                 *found.malformed));
    }
    if (found.without_id) {
        reject(file, fmt::format("invalid_submission_ids: Submission must not contain NaNs in the "
                                 "id column (line {})",
                                 *found.without_id));
    }
    check_duplicates(file);
    if (expected) {
        check_live_ids(file, found, *expected);
    }
    check_values(file, found);
    return found.summary;
}

}  // namespace erawise::submit
