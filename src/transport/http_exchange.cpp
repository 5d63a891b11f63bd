#include "transport/http_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "util/number.h"

namespace erawise::transport {
namespace {

constexpr std::array<std::string_view, 8> kKeptHeaders = {
    "Content-Length", "Content-Range", "Content-Type", "Date",
    "ETag",           "Last-Modified", "Location",     "Retry-After"};

bool is_kept(std::string_view name) {
    return std::ranges::any_of(kKeptHeaders,
                               [&](std::string_view kept) { return same_header_name(kept, name); });
}

std::string_view trimmed(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

/// 404 in "HTTP/1.1 404 Not Found"; 0 when there is none.
int status_of(std::string_view line) {
    line.remove_prefix(std::min(line.find(' '), line.size()));
    line = trimmed(line);
    return util::parse_number<int>(line.substr(0, line.find(' '))).value_or(0);
}

}  // namespace

HttpExchange::HttpExchange(const HttpRequest& request)
    : request_(request),
      text_(request.body),
      source_(request.source != nullptr ? request.source : &text_) {
    source_->rewind();
}

void HttpExchange::take_header(std::string_view line) {
    if (line.starts_with("HTTP/")) {  // behind a 1xx, the next block replaces what was there
        response_.headers.clear();
        response_.status = status_of(line);
        return;
    }
    const auto colon = line.find(':');
    const std::string_view name = line.substr(0, colon);
    if (colon != std::string_view::npos && is_kept(name)) {
        response_.headers.push_back(
            {std::string(name), std::string(trimmed(line.substr(colon + 1)))});
    }
}

bool HttpExchange::streams() const {
    return request_.sink != nullptr && outcome_of_status(response_.status) == HttpOutcome::success;
}

Continue HttpExchange::begin_sink() {
    begun_ = true;
    response_.abandoned = request_.sink->begin(response_) == BodyWanted::no;
    return response_.abandoned ? Continue::no : Continue::yes;
}

Continue HttpExchange::take_body(std::string_view bytes) {
    if (streams()) {
        if (!begun_ && begin_sink() == Continue::no) {
            return Continue::no;
        }
        request_.sink->write(bytes);
    } else if (bytes.size() > request_.maximum_body_bytes - response_.body.size()) {
        over_limit_ = true;
        return Continue::no;
    } else {
        response_.body.append(bytes);
    }
    response_.body_bytes += bytes.size();
    return Continue::yes;
}

HttpResponse HttpExchange::finish(HttpOutcome transfer, std::string_view reason) {
    const HttpOutcome by_status = outcome_of_status(response_.status);
    if (response_.abandoned) {
        response_.outcome = HttpOutcome::success;
    } else if (over_limit_) {  // more of the same would come again
        response_.outcome = by_status == HttpOutcome::retry ? by_status : HttpOutcome::permanent;
        response_.error = fmt::format("HTTP {}, and the answer is larger than {} bytes",
                                      response_.status, request_.maximum_body_bytes);
    } else if (transfer != HttpOutcome::success) {
        response_.outcome = transfer;
        response_.error = reason;
    } else {
        response_.outcome = by_status;
        if (by_status != HttpOutcome::success) {
            response_.error = fmt::format("HTTP {}", response_.status);
        } else if (streams() && !begun_) {  // a body of no bytes
            begin_sink();
        }
    }
    return std::move(response_);
}

}  // namespace erawise::transport
