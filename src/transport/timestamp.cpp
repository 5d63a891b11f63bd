#include "transport/timestamp.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "util/number.h"

namespace erawise::transport {
namespace {

using std::chrono::milliseconds;
using TimePoint = util::Clock::TimePoint;

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/// Reads a text from its front; the first mismatch makes everything that follows one.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    int number(std::size_t digits) {
        const std::string_view field = rest_.substr(0, digits);
        const auto value = util::parse_number<int>(field);
        good_ = good_ && field.size() == digits && value && field.front() != '-';
        skip(digits);
        return value.value_or(0);
    }
    void literal(std::string_view expected) {
        good_ = good_ && rest_.starts_with(expected);
        skip(expected.size());
    }
    unsigned month() {
        const auto* const found = std::ranges::find(kMonths, rest_.substr(0, 3));
        good_ = good_ && found != kMonths.end();
        skip(3);
        return static_cast<unsigned>(found - kMonths.begin()) + 1;
    }
    void skip(std::size_t bytes) { rest_.remove_prefix(std::min(bytes, rest_.size())); }

    [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }
    [[nodiscard]] bool complete() const { return good_ && rest_.empty(); }

  private:
    std::string_view rest_;
    bool good_ = true;
};

struct CivilTime {
    int year = 0;
    unsigned month = 0;
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
    milliseconds fraction{0};
};

std::optional<TimePoint> to_time_point(const CivilTime& t) {
    const std::chrono::year_month_day date{std::chrono::year(t.year), std::chrono::month(t.month),
                                           std::chrono::day(static_cast<unsigned>(t.day))};
    if (!date.ok() || t.hour > 23 || t.minute > 59 || t.second > 60) {
        return std::nullopt;
    }
    return std::chrono::sys_days(date) + std::chrono::hours(t.hour) +
           std::chrono::minutes(t.minute) + std::chrono::seconds(t.second) + t.fraction;
}

milliseconds read_fraction(Reader& reader) {
    if (reader.front() != '.') {
        return milliseconds(0);
    }
    reader.skip(1);
    int value = 0;
    int scale = 100;
    for (; reader.front() >= '0' && reader.front() <= '9'; reader.skip(1), scale /= 10) {
        value += (reader.front() - '0') * scale;
    }
    return milliseconds(value);
}

std::chrono::minutes read_offset(Reader& reader) {
    const char sign = reader.front();
    if (sign != '+' && sign != '-') {
        reader.literal("Z");
        return std::chrono::minutes(0);
    }
    reader.skip(1);
    const int hours = reader.number(2);
    reader.literal(":");
    const int minutes = reader.number(2);
    return std::chrono::minutes((sign == '-' ? -1 : 1) * (hours * 60 + minutes));
}

}  // namespace

std::optional<TimePoint> parse_iso_time(std::string_view text) {
    Reader reader(text);
    CivilTime t;
    t.year = reader.number(4);
    reader.literal("-");
    t.month = static_cast<unsigned>(reader.number(2));
    reader.literal("-");
    t.day = reader.number(2);
    reader.literal("T");
    t.hour = reader.number(2);
    reader.literal(":");
    t.minute = reader.number(2);
    reader.literal(":");
    t.second = reader.number(2);
    t.fraction = read_fraction(reader);
    const auto offset = read_offset(reader);
    const auto time = reader.complete() ? to_time_point(t) : std::nullopt;
    return time ? std::optional(*time - offset) : std::nullopt;
}

std::optional<TimePoint> parse_http_date(std::string_view text) {
    Reader reader(text);
    CivilTime t;
    reader.skip(3);
    reader.literal(", ");
    t.day = reader.number(2);
    reader.literal(" ");
    t.month = reader.month();
    reader.literal(" ");
    t.year = reader.number(4);
    reader.literal(" ");
    t.hour = reader.number(2);
    reader.literal(":");
    t.minute = reader.number(2);
    reader.literal(":");
    t.second = reader.number(2);
    reader.literal(" GMT");
    return reader.complete() ? to_time_point(t) : std::nullopt;
}

std::string format_iso_time(TimePoint time) {
    const auto days = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(days);
    const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::seconds>(time - days));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                       clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

}  // namespace erawise::transport
