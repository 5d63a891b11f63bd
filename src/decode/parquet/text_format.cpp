#include "decode/parquet/text_format.h"

#include <fmt/format.h>

#include <chrono>
#include <iterator>

namespace erawise::decode {
namespace {

/// Ticks of a second.
std::int64_t ticks_of(Meaning timestamp) {
    return timestamp == Meaning::timestamp_ms   ? 1000
           : timestamp == Meaning::timestamp_us ? 1'000'000
                                                : 1'000'000'000;
}

/// False for days that no calendar has.
bool append_date(std::string& text, std::int64_t days) {
    constexpr std::int64_t kMostDays = 10'000'000;  // 27,000 years from 1970
    if (days < -kMostDays || days > kMostDays) {
        return false;
    }
    const std::chrono::year_month_day date{
        std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}};
    fmt::format_to(std::back_inserter(text), "{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                   static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
    return true;
}

bool append_timestamp(std::string& text, std::int64_t value, std::int64_t ticks) {
    const std::int64_t ticks_of_day = 86'400 * ticks;
    std::int64_t days = value / ticks_of_day;
    std::int64_t rest = value % ticks_of_day;
    if (rest < 0) {
        --days;
        rest += ticks_of_day;
    }
    if (!append_date(text, days)) {
        return false;
    }
    if (rest == 0) {
        return true;
    }
    const std::int64_t seconds = rest / ticks;
    fmt::format_to(std::back_inserter(text), "T{:02}:{:02}:{:02}", seconds / 3600,
                   seconds / 60 % 60, seconds % 60);
    if (const std::int64_t part = rest % ticks; part != 0) {
        const std::string digits = fmt::format("{}", ticks + part);  // 1, and the digits
        text += '.';
        text.append(digits, 1, digits.find_last_not_of('0'));
    }
    return true;
}

void append_whole(std::string& text, std::int64_t value, const ParquetColumn& column) {
    const bool is_narrow = column.type == PhysicalType::int32;
    const auto append = [&](auto number) {
        fmt::format_to(std::back_inserter(text), "{}", number);
    };
    if (column.meaning == Meaning::unsigned_number) {
        const auto wide = static_cast<std::uint64_t>(value);
        is_narrow ? append(static_cast<std::uint32_t>(wide)) : append(wide);
    } else {
        is_narrow ? append(static_cast<std::int32_t>(value)) : append(value);
    }
}

}  // namespace

bool is_timestamp(Meaning meaning) noexcept {
    return meaning == Meaning::timestamp_ms || meaning == Meaning::timestamp_us ||
           meaning == Meaning::timestamp_ns;
}

void append_number(std::string& text, std::int64_t value, const ParquetColumn& column) {
    const bool is_done =
        (column.meaning == Meaning::date && append_date(text, static_cast<std::int32_t>(value))) ||
        (is_timestamp(column.meaning) && append_timestamp(text, value, ticks_of(column.meaning)));
    if (!is_done) {
        append_whole(text, value, column);
    }
}

void append_uuid(std::string& text, std::string_view bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const bool is_group = i == 4 || i == 6 || i == 8 || i == 10;
        fmt::format_to(std::back_inserter(text), "{}{:02x}", is_group ? "-" : "",
                       static_cast<std::uint8_t>(bytes[i]));
    }
}

}  // namespace erawise::decode
