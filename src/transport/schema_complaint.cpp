#include "transport/schema_complaint.h"

#include <algorithm>
#include <array>
#include <vector>

#include "transport/api_error.h"
#include "util/lower_case.h"

namespace erawise::transport {
namespace {

using Kind = SchemaComplaint::Kind;

/// Which of a message's quoted words tells what it is about.
enum class Subject : std::uint8_t { first, first_behind_phrase, variable, none };

struct Phrase {
    std::string_view text;  ///< lower case
    Kind kind;
    Subject subject;
};

constexpr std::array kPhrases = {
    Phrase{"cannot query field", Kind::unknown_field, Subject::first_behind_phrase},
    Phrase{"unknown field", Kind::unknown_field, Subject::first_behind_phrase},
    Phrase{"unknown argument", Kind::unknown_argument, Subject::first_behind_phrase},
    Phrase{"unknown type", Kind::unknown_type, Subject::first_behind_phrase},
    Phrase{"in position expecting type", Kind::variable_type, Subject::variable},
    Phrase{"found as input to argument of type", Kind::variable_type, Subject::variable},
    Phrase{"must have a selection", Kind::selection_missing, Subject::first},
    Phrase{"must have a sub selection", Kind::selection_missing, Subject::first},
    Phrase{"must not have a selection", Kind::selection_unwanted, Subject::first},
    Phrase{"has invalid value", Kind::argument_value, Subject::first},
    Phrase{"cannot represent", Kind::argument_value, Subject::none},
    Phrase{"expected value of type", Kind::argument_value, Subject::none},
};

/// The texts between quotes of any kind.
std::vector<std::string_view> quoted_words(std::string_view text) {
    std::vector<std::string_view> words;
    while (true) {
        const auto open = text.find_first_of("\"'`");
        if (open == std::string_view::npos) {
            return words;
        }
        const auto close = text.find(text[open], open + 1);
        if (close == std::string_view::npos) {
            return words;
        }
        words.push_back(text.substr(open + 1, close - open - 1));
        text.remove_prefix(close + 1);
    }
}

std::string variable_of(const std::vector<std::string_view>& words) {
    const auto found = std::ranges::find_if(words, [](auto word) { return word.starts_with('$'); });
    return found == words.end() ? std::string() : std::string(found->substr(1));
}

std::string subject_of(Subject subject, std::string_view message, std::size_t behind_phrase) {
    const auto words = quoted_words(
        subject == Subject::first_behind_phrase ? message.substr(behind_phrase) : message);
    if (subject == Subject::variable) {
        return variable_of(words);
    }
    return subject == Subject::none || words.empty() ? std::string() : std::string(words.front());
}

}  // namespace

std::optional<SchemaComplaint> parse_complaint(std::string_view message) {
    const std::string lower = util::lower_case(message);
    const auto* const phrase = std::ranges::find_if(
        kPhrases, [&](const Phrase& each) { return lower.contains(each.text); });
    if (phrase == kPhrases.end()) {
        return std::nullopt;
    }
    const std::size_t behind = lower.find(phrase->text) + phrase->text.size();
    SchemaComplaint complaint{.kind = phrase->kind,
                              .name = subject_of(phrase->subject, message, behind),
                              .message = std::string(message)};
    if (complaint.kind == Kind::variable_type) {
        const auto words = quoted_words(message.substr(behind));
        complaint.expected = words.empty() ? std::string() : std::string(words.front());
    }
    const bool told = !complaint.name.empty() || phrase->subject == Subject::none;
    return told ? std::optional(std::move(complaint)) : std::nullopt;
}

}  // namespace erawise::transport
