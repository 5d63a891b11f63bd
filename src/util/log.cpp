#include "util/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "util/printable.h"
#include "util/terminal.h"

namespace erawise::util {
namespace {

constexpr std::array<std::string_view, 6> kLevels = {"trace", "debug", "info",
                                                     "warn",  "error", "off"};

/// The message as a JSON string, quotes included; bytes that are no UTF-8 are replaced.
class JsonString final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& destination) override {
        const nlohmann::json text(std::string(message.payload.data(), message.payload.size()));
        const std::string quoted =
            text.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
        destination.append(quoted.data(), quoted.data() + quoted.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<JsonString>();
    }
};

/// The message as one line of printable text, whatever files and servers put into it.
class OneLine final : public spdlog::custom_flag_formatter {
  public:
    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& destination) override {
        const std::string text =
            printable({message.payload.data(), message.payload.size()}, LineBreaks::replace);
        destination.append(text.data(), text.data() + text.size());
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<OneLine>();
    }
};

/// "INFO ", five characters wide; on a terminal warnings are yellow and errors red.
class LevelName final : public spdlog::custom_flag_formatter {
  public:
    explicit LevelName(bool has_colors) : has_colors_(has_colors) {}

    void format(const spdlog::details::log_msg& message, const std::tm&,
                spdlog::memory_buf_t& destination) override {
        static constexpr std::array<std::string_view, 7> names = {
            "TRACE", "DEBUG", "INFO ", "WARN ", "ERROR", "ERROR", "OFF  "};
        const std::string_view name = names.at(static_cast<std::size_t>(message.level));
        const bool is_colored = has_colors_ && message.level >= spdlog::level::warn;
        if (is_colored) {
            append(message.level == spdlog::level::warn ? "\x1b[33m" : "\x1b[31m", destination);
        }
        append(name, destination);
        if (is_colored) {
            append("\x1b[0m", destination);
        }
    }
    [[nodiscard]] std::unique_ptr<custom_flag_formatter> clone() const override {
        return std::make_unique<LevelName>(has_colors_);
    }

  private:
    static void append(std::string_view text, spdlog::memory_buf_t& destination) {
        destination.append(text.data(), text.data() + text.size());
    }
    bool has_colors_;
};

}  // namespace

bool is_log_level(std::string_view level) {
    return std::ranges::find(kLevels, level) != kLevels.end();
}

void configure_log(LogFormat format, std::string_view level) {
    const Terminal terminal = error_terminal();
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<JsonString>('*').add_flag<OneLine>('?').add_flag<LevelName>(
        '&', terminal.has_colors);
    // On a terminal a line takes the place of the progress bar that may stand there.
    const char* const text_pattern = terminal.is_terminal ? "\r\x1b[K%Y-%m-%dT%H:%M:%S.%eZ %& %?"
                                                          : "%Y-%m-%dT%H:%M:%S.%eZ %& %?";
    formatter->set_pattern(format == LogFormat::json
                               ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%*})"
                               : text_pattern);
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>("erawise", std::move(sink));
    logger->set_formatter(std::move(formatter));
    logger->set_level(spdlog::level::from_str(std::string(level)));
    logger->flush_on(spdlog::level::trace);
    spdlog::set_default_logger(std::move(logger));
}

}  // namespace erawise::util
