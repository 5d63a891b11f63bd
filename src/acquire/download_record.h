#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace erawise::acquire {

/// Which object of the store a downloaded file is: kept beside it as NAME.meta.json. The size alone
/// would not tell: yesterday's live file often has the same.
struct DownloadRecord {
    std::string object_key;  ///< path in the store: "20260327/v5.3/live.parquet"
    std::string etag;
    std::uint64_t length = 0;
    std::optional<int> round{};
    std::string boot_id{};  ///< of a part: the start of the machine in which it was written

    bool operator==(const DownloadRecord&) const = default;
};

/// NAME.meta.json of a data file.
std::filesystem::path record_path(const std::filesystem::path& data_file);

/// What is written at `path`; empty when there is no record, or when it cannot be read.
std::optional<DownloadRecord> load_record(const std::filesystem::path& path);

/// The record of a data file. Empty when it has none, when the record cannot be read, or when the
/// file has another size.
std::optional<DownloadRecord> read_record(const std::filesystem::path& data_file);

/// Error(disk) when it cannot be written.
void write_record(const std::filesystem::path& data_file, const DownloadRecord& record);

/// From before the data file is replaced until after: what stands there has no record.
void remove_record(const std::filesystem::path& data_file);

}  // namespace erawise::acquire
