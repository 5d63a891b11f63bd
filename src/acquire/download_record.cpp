#include "acquire/download_record.h"

#include <nlohmann/json.hpp>
#include <system_error>

#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

using nlohmann::json;

constexpr std::size_t kMaximumRecordBytes = std::size_t{64} * 1024;

std::optional<DownloadRecord> parse_record(const std::string& text) {
    try {
        const json object = json::parse(text);
        DownloadRecord record{.object_key = object.at("object_key").get<std::string>(),
                              .etag = object.at("etag").get<std::string>(),
                              .length = object.at("length").get<std::uint64_t>()};
        if (const auto round = object.find("round"); round != object.end() && !round->is_null()) {
            record.round = round->get<int>();
        }
        return record;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

}  // namespace

std::filesystem::path record_path(const std::filesystem::path& data_file) {
    std::filesystem::path path = data_file;
    path += ".meta.json";
    return path;
}

std::optional<DownloadRecord> read_record(const std::filesystem::path& data_file) {
    std::error_code status;
    const auto size = std::filesystem::file_size(data_file, status);
    if (status || !std::filesystem::is_regular_file(record_path(data_file), status)) {
        return std::nullopt;
    }
    try {
        auto record =
            parse_record(util::read_small_file(record_path(data_file), kMaximumRecordBytes));
        return record && record->length == size ? record : std::nullopt;
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

void write_record(const std::filesystem::path& data_file, const DownloadRecord& record) {
    const json object = {{"object_key", record.object_key},
                         {"etag", record.etag},
                         {"length", record.length},
                         {"round", record.round ? json(*record.round) : json()}};
    util::AtomicFile file(record_path(data_file));
    file.write(object.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
    file.commit();
}

void remove_record(const std::filesystem::path& data_file) {
    std::error_code status;
    std::filesystem::remove(record_path(data_file), status);
}

}  // namespace erawise::acquire
