#include "acquire/round_data.h"

#include <fmt/format.h>

#include "util/number.h"

namespace erawise::acquire {
namespace {

constexpr std::size_t kDatestampDigits = 8;

/// The part of the key in front of the file's name: round or day. Empty when there is none.
std::string_view release_of(std::string_view object_key, std::string_view file) {
    if (!object_key.ends_with(file)) {
        return {};
    }
    object_key.remove_suffix(file.size());
    if (!object_key.ends_with('/')) {
        return {};
    }
    object_key.remove_suffix(1);
    return object_key.substr(object_key.rfind('/') + 1);
}

}  // namespace

std::string not_of_round(std::string_view object_key, std::string_view file,
                         const transport::Round& round) {
    const std::string_view release = release_of(object_key, file);
    const auto number = util::parse_number<int>(release);
    if (!number) {
        return {};
    }
    if (release.size() == kDatestampDigits) {
        return round.data_datestamp && *number != *round.data_datestamp
                   ? fmt::format("the store has the file of {}, round {} is of {}", *number,
                                 round.number, *round.data_datestamp)
                   : "";
    }
    return round.number != 0 && *number != round.number
               ? fmt::format("the store has the file of round {}, open is {}", *number,
                             round.number)
               : "";
}

}  // namespace erawise::acquire
