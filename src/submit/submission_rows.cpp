#include "submit/submission_rows.h"

#include <fmt/format.h>

#include <system_error>

#include "decode/byte_source.h"
#include "util/error.h"

namespace erawise::submit {
namespace {

std::unique_ptr<decode::ByteSource> open_submission(const std::filesystem::path& file) {
    auto source = decode::open_plain_file(file);
    std::error_code status;
    if (!std::filesystem::is_regular_file(file, status)) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot read {}: it is not a regular file", file.string()));
    }
    return source;
}

}  // namespace

SubmissionRows::SubmissionRows(const std::filesystem::path& file)
    : text_(open_submission(file), file.string(), decode::kTextBytes) {}

bool SubmissionRows::next(SubmissionRow& row) {
    try {
        if (!text_.next_row()) {
            return false;
        }
    } catch (const util::Error& error) {
        throw util::Error(
            error.kind() == util::ErrorKind::data ? util::ErrorKind::rejected : error.kind(),
            error.what());
    }
    row.line = text_.line();
    row.two_fields = text_.fields() == 2;
    row.first = text_.field(0);
    row.second = row.two_fields ? text_.field(1) : "";
    return true;
}

}  // namespace erawise::submit
