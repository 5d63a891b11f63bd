#include "transport/http.h"

#include <algorithm>

#include "util/lower_case.h"
#include "util/number.h"

namespace erawise::transport {

std::string_view HttpResponse::header(std::string_view name) const {
    const auto found = std::ranges::find_if(
        headers, [&](const HttpHeader& header) { return same_header_name(header.name, name); });
    return found == headers.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<std::uint64_t> HttpResponse::content_length() const {
    return util::parse_number<std::uint64_t>(header("Content-Length"));
}

bool same_header_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return util::lower_case(c); };
    return std::ranges::equal(a, b, {}, lower, lower);
}

HttpOutcome outcome_of_status(int status) {
    if (status >= 200 && status < 300) {
        return HttpOutcome::success;
    }
    const bool passing = status == 408 || status == 425 || status == 429 || status >= 500;
    return passing ? HttpOutcome::retry : HttpOutcome::permanent;
}

}  // namespace erawise::transport
