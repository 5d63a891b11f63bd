#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "transport/http.h"
#include "transport/numerai_api.h"
#include "transport/retry.h"

namespace erawise::submit {

/// A file on its way to Numerai's store.
struct Upload {
    std::filesystem::path file{};
    std::string filename{};    ///< for messages: the name that the presigned URL is asked for
    std::string compute_id{};  ///< NUMERAI_COMPUTE_ID, a header of the upload when given

    /// Asks for a new presigned URL; may throw.
    std::function<transport::UploadAuth()> authorise{};
};

/// Streams the file from the disk to a presigned URL (PUT), without the key, and returns the
/// server's name for it. An upload that fails, or is refused with 403, gets a new URL: putting the
/// same bytes twice does no harm, so a lost answer is a failure like any other.
///
/// Throws Error(rejected) when the store refuses the file, Error(network) when the retries gave up,
/// Error(disk), and what `authorise` throws.
transport::UploadAuth upload_file(transport::HttpClient& http, transport::Retrier& retrier,
                                  const Upload& upload);

/// For the names of files: two uploads of the same model shall differ.
std::uint32_t unique_number(const transport::RandomFraction& random);

/// Error(usage) when the id is not fit for a header. Nothing is sent.
void check_compute_id(const std::string& compute_id);

}  // namespace erawise::submit
