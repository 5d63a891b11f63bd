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
        record.boot_id = object.value("boot_id", "");
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

std::optional<DownloadRecord> load_record(const std::filesystem::path& path) {
    std::error_code status;
    if (!std::filesystem::is_regular_file(path, status)) {
        return std::nullopt;
    }
    try {
        return parse_record(util::read_small_file(path, kMaximumRecordBytes));
    } catch (const util::Error&) {
        return std::nullopt;
    }
}

std::optional<DownloadRecord> read_record(const std::filesystem::path& data_file) {
    std::error_code status;
    const auto size = std::filesystem::file_size(data_file, status);
    auto record = status ? std::nullopt : load_record(record_path(data_file));
    if (!record || record->length != size) {
        return std::nullopt;
    }
    record->boot_id.clear();  // mattered while it was a part
    return record;
}

void write_record(const std::filesystem::path& data_file, const DownloadRecord& record) {
    json object = {{"object_key", record.object_key},
                   {"etag", record.etag},
                   {"length", record.length},
                   {"round", record.round ? json(*record.round) : json()}};
    if (!record.boot_id.empty()) {
        object["boot_id"] = record.boot_id;
    }
    util::write_atomically(record_path(data_file),
                           object.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

void remove_record(const std::filesystem::path& data_file) {
    std::error_code status;
    std::filesystem::remove(record_path(data_file), status);
}

}  // namespace erawise::acquire
