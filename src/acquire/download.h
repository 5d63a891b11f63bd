#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"

namespace erawise::acquire {

/// Bytes so far, and the whole when it is known.
using DownloadProgress = std::function<void(std::uint64_t, std::optional<std::uint64_t>)>;

struct DownloadOptions {
    std::string file{};  ///< name as Numerai lists it: "v5.3/live.parquet"
    std::filesystem::path directory{};

    /// The open round, when the caller knows it. Then "no round is open" is a data release that is
    /// late, and is waited for; without it, it is an error.
    std::optional<int> round{};
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
/// Every attempt asks for a presigned URL of its own, so that one that expired or was refused (403)
/// is replaced. Bytes go from the network to NAME.part as they come: memory does not depend on the
/// size. Throws Error(usage) for a bad name, Error(disk), Error(network) when the retries gave up,
/// Error(rejected) when Numerai has no such file or no round is open, Error(cancelled).
DownloadedFile download_dataset(transport::NumeraiApi& api, transport::HttpClient& http,
                                transport::Retrier& retrier, const DownloadOptions& options);

}  // namespace erawise::acquire
