#include "key_fault.h"

#include <algorithm>
#include <array>
#include <utility>

namespace erawise {
namespace {

constexpr std::string_view kWhiteSpace = " \t\n\r\v\f";
constexpr std::string_view kQuotesFault =
    "has quotes around it: docker --env-file and files of secrets keep them, leave them out";

/// Typographic ones come from documents and chats.
constexpr std::array<std::string_view, 8> kQuotes = {"\"",     "'",      "`",      "\u201c",
                                                     "\u201d", "\u2018", "\u2019", "\u201e"};

bool begins_with_quote(std::string_view text) {
    return std::ranges::any_of(kQuotes, [&](auto quote) { return text.starts_with(quote); });
}

bool ends_with_quote(std::string_view text) {
    return std::ranges::any_of(kQuotes, [&](auto quote) { return text.ends_with(quote); });
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(kWhiteSpace);
    const auto end = text.find_last_not_of(kWhiteSpace);
    return begin == std::string_view::npos ? "" : text.substr(begin, end - begin + 1);
}

bool is_plain(char it) {
    return it > 0x20 && it < 0x7f;
}

/// Of a text without white space around it.
std::string_view fault_within(std::string_view text) {
    if (begins_with_quote(text) || ends_with_quote(text)) {
        return kQuotesFault;
    }
    if (text.starts_with("Token ") || text.starts_with("Authorization")) {
        return "begins as a header does: give the key alone, without Authorization and Token";
    }
    if (text.starts_with("NUMERAI_") || text.starts_with("export ")) {
        return "has the name of a variable in it: give the key alone";
    }
    if (text.starts_with('$')) {
        return "is the name of a variable that nobody filled in";
    }
    if (text.contains('$')) {
        return "holds both halves of a key, PUBLIC_ID$SECRET_KEY: give what stands before the $ as "
               "NUMERAI_PUBLIC_ID and what stands behind it as NUMERAI_SECRET_KEY";
    }
    if (text.starts_with("\xef\xbb\xbf") || text.contains('\0')) {
        return "comes from a file with a byte order mark or in UTF-16: save it as plain text";
    }
    if (text.find_first_of("\n\r") != std::string_view::npos) {
        return "has several lines: give the key alone, on one line";
    }
    if (text.find_first_of(kWhiteSpace) != std::string_view::npos) {
        return "has white space in it: give one half of the key alone";
    }
    return std::ranges::all_of(text, is_plain) ? "" : "has signs that no key has";
}

}  // namespace

std::string_view key_fault(std::string_view text) {
    const std::string_view within = trimmed(text);
    if (within.empty()) {
        return "is empty";
    }
    if (const std::string_view fault = fault_within(within); !fault.empty()) {
        return fault;
    }
    return within.size() < text.size() ? "has white space around it: leave it out" : "";
}

std::string_view value_fault(std::string_view text) {
    if (text.ends_with('\r')) {
        return "ends with a carriage return: save the file of variables with the line ends of Unix";
    }
    const std::string_view last = text.empty() ? text : text.substr(text.size() - 1);
    const bool in_quotes =
        text.size() > 1 && text.starts_with(last) && (last == "\"" || last == "'");
    return in_quotes ? kQuotesFault : "";
}

}  // namespace erawise
