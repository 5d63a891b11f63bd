#include "submit/submission_rows.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "util/error.h"

namespace erawise::submit {
namespace {

std::string_view without_quotes(std::string_view field) {
    const bool quoted = field.size() >= 2 && field.starts_with('"') && field.ends_with('"');
    return quoted ? field.substr(1, field.size() - 2) : field;
}

}  // namespace

SubmissionRows::SubmissionRows(const std::filesystem::path& file)
    : path_(file), file_(file, std::ios::binary) {
    std::error_code status;
    if (!file_ || !std::filesystem::is_regular_file(file, status)) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot read {}: {}", file.string(),
                                      file_ ? "it is not a regular file"
                                            : std::generic_category().message(errno)));
    }
}

bool SubmissionRows::next(SubmissionRow& row) {
    while (file_.getline(text_.data(), static_cast<std::streamsize>(text_.size()))) {
        ++line_;
        const auto taken = static_cast<std::size_t>(file_.gcount());
        std::string_view text(text_.data(), file_.eof() ? taken : taken - 1);
        if (text.ends_with('\r')) {
            text.remove_suffix(1);
        }
        if (text.empty()) {
            continue;
        }
        const auto comma = text.find(',');
        row.line = line_;
        row.first = without_quotes(text.substr(0, comma));
        row.second = comma == std::string_view::npos ? std::string_view()
                                                     : without_quotes(text.substr(comma + 1));
        row.two_fields = comma != std::string_view::npos && !row.second.contains(',');
        return true;
    }
    if (!file_.eof() && !file_.bad()) {
        throw util::Error(util::ErrorKind::rejected,
                          fmt::format("{}: line {} is longer than {} bytes: this is no submission",
                                      path_.string(), line_ + 1, text_.size()));
    }
    if (file_.bad()) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot read {} to its end", path_.string()));
    }
    return false;
}

}  // namespace erawise::submit
