#include "transport/api_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "util/lower_case.h"
#include "util/printable.h"

namespace erawise::transport {
namespace {

struct Phrase {
    std::string_view text;  ///< lower case
    ApiErrorKind kind;
};

/// The first phrase that the message holds decides.
constexpr std::array kPhrases = {
    Phrase{"round not open", ApiErrorKind::not_open},
    Phrase{"no currently open rounds", ApiErrorKind::not_open},
    Phrase{"cannot query field", ApiErrorKind::schema},
    Phrase{"session is invalid", ApiErrorKind::key},
    Phrase{"insufficient permission", ApiErrorKind::key},
    Phrase{"not authenticated", ApiErrorKind::key},
    Phrase{"not authorized", ApiErrorKind::key},
    Phrase{"unauthorized", ApiErrorKind::key},
    Phrase{"internal server error", ApiErrorKind::transient},
    Phrase{"service unavailable", ApiErrorKind::transient},
    Phrase{"something went wrong", ApiErrorKind::transient},
    Phrase{"filenotfounderror", ApiErrorKind::transient},
    Phrase{"file not found", ApiErrorKind::transient},
    Phrase{"no such file", ApiErrorKind::transient},
    Phrase{"timeout", ApiErrorKind::transient},
    Phrase{"timed out", ApiErrorKind::transient},
    Phrase{"too many requests", ApiErrorKind::transient},
};

constexpr std::string_view kPermission = "permission for ";
constexpr std::size_t kPrintableBytes = 400;

/// A server may quote a presigned URL, whose query is a secret.
std::string without_url_queries(std::string_view text) {
    constexpr std::string_view scheme = "://";
    constexpr std::string_view ends = " \t\r\n\"'`<>";
    std::string safe;
    while (true) {
        const auto url = text.find(scheme);
        const auto end = std::min(text.find_first_of(ends, url), text.size());
        const auto query = std::min(text.find('?', url), end);
        safe += text.substr(0, query);
        safe += query < end ? "?..." : "";
        if (url == std::string_view::npos) {
            return safe;
        }
        text.remove_prefix(end);
    }
}

}  // namespace

ApiErrorKind classify_api_error(std::string_view message) {
    const std::string lower = util::lower_case(message);
    const auto* const found = std::ranges::find_if(
        kPhrases, [&](const Phrase& phrase) { return lower.contains(phrase.text); });
    return found == kPhrases.end() ? ApiErrorKind::refused : found->kind;
}

std::string key_remedy(std::string_view message) {
    if (const auto at = message.find(kPermission); at != std::string_view::npos) {
        std::string_view scope = message.substr(at + kPermission.size());
        scope = scope.substr(0, scope.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"));
        if (!scope.empty()) {
            return fmt::format(
                "the key lacks the scope {}; scopes cannot be added to a key, so create a new one "
                "at https://numer.ai/account",
                scope);
        }
    }
    return "check NUMERAI_PUBLIC_ID and NUMERAI_SECRET_KEY, and that the model belongs to their "
           "account";
}

std::string printable(std::string_view text) {
    const std::string safe = without_url_queries(text);
    return util::printable(std::string_view(safe).substr(0, kPrintableBytes),
                           util::LineBreaks::replace) +
           (safe.size() > kPrintableBytes ? " ..." : "");
}

}  // namespace erawise::transport
