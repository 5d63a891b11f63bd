#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "acquire/round_data.h"
#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"
#include "transport/round.h"

namespace erawise::acquire {

/// Bytes so far, and the whole when it is known.
using DownloadProgress = std::function<void(std::uint64_t, std::optional<std::uint64_t>)>;

enum class DownloadResult : std::uint8_t {
    kept,
    discarded  ///< downloaded and checked, but no file appears
};

struct DownloadOptions {
    std::string file{};  ///< name as Numerai lists it: "v5.3/live.parquet"
    std::filesystem::path directory{};

    /// The open round, when the file has to be its data. Then "no round is open" and data of
    /// another round are a release that is late, and are waited for; without it, "no round is open"
    /// is an error.
    std::optional<transport::Round> round{};
    Freshness freshness = Freshness::strict;
    /// The key of the file was looked at already, and is taken whatever it says.
    bool key_is_settled = false;

    std::string url{};  ///< a presigned URL that the caller has already; empty: one is asked for
    DownloadResult result = DownloadResult::kept;
    DownloadProgress progress{};
};

struct DownloadedFile {
    std::filesystem::path path;
    std::uint64_t bytes_downloaded = 0;  ///< over the network; 0 when the file was current
    std::uint64_t total_bytes = 0;
    std::string object_key;
    std::string etag;
    bool reused = false;  ///< the file on the disk is the same object
};

/// Brings a dataset onto the disk: DIRECTORY/NAME, whole or not at all, with NAME.meta.json beside
/// it. A file that is there counts as current when object key, ETag and size are the same; then
/// only headers cross the network.
///
/// Bytes go from the network to NAME.part as they come: memory does not depend on the size. An
/// attempt that is cut off is continued (Range with If-Range), also by a later process, when object
/// key and ETag are the same. The length and the magic bytes at both ends are checked before the
/// file gets its name. A presigned URL that expires within a minute, or was refused, is replaced.
/// Of several processes that download the same file, one does, and the others wait for it.
///
/// Throws Error(usage) for a bad name, Error(disk), Error(network) when the retries gave up (the
/// part stays for the next run), Error(rejected) when Numerai has no such file or no round is open,
/// Error(data) when the store itself has a damaged file, Error(cancelled).
DownloadedFile download_dataset(transport::NumeraiApi& api, transport::HttpClient& http,
                                transport::Retrier& retrier, const DownloadOptions& options);

}  // namespace erawise::acquire
