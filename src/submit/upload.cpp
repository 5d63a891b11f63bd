#include "submit/upload.h"

#include <algorithm>

#include "util/error.h"

namespace erawise::submit {
namespace {

using transport::Attempt;
using transport::Failure;
using transport::HttpMethod;
using transport::HttpOutcome;
using transport::HttpRequest;
using transport::HttpResponse;
using transport::UploadAuth;
using util::Error;
using util::ErrorKind;

HttpRequest put_request(const std::string& url, transport::BodySource& body,
                        const std::string& compute_id) {
    HttpRequest request;
    request.method = HttpMethod::put;
    request.url = url;
    request.source = &body;
    if (!compute_id.empty()) {
        request.headers.push_back({"x_compute_id", compute_id});
    }
    return request;
}

/// S3 answers 400 also to an upload that came too slowly, and to a URL whose signer's session
/// ended.
constexpr int kMostBadRequests = 3;

/// One presigned URL and one PUT.
Attempt<UploadAuth> upload_once(transport::HttpClient& http, transport::Retrier& retrier,
                                const Upload& upload, int& bad_requests) {
    UploadAuth auth = upload.authorise();
    transport::FileBody body(upload.file);
    HttpRequest request = put_request(auth.url, body, upload.compute_id);
    request.total_timeout = retrier.until_deadline();
    const HttpResponse response = http.send(request);
    switch (response.outcome) {
        case HttpOutcome::success:
            return auth;
        case HttpOutcome::retry:
            return std::unexpected(failure_of(response, retrier.now()));
        case HttpOutcome::permanent:
            break;
    }
    if (response.status == 403) {
        return std::unexpected(Failure{"the store refuses the presigned URL (HTTP 403)"});
    }
    if (response.status == 400 && ++bad_requests < kMostBadRequests) {
        return std::unexpected(Failure{response.error});
    }
    throw Error(response.status == 0 ? ErrorKind::network : ErrorKind::rejected,
                "the store refuses the upload: " + response.error);
}

}  // namespace

transport::UploadAuth upload_file(transport::HttpClient& http, transport::Retrier& retrier,
                                  const Upload& upload) {
    int bad_requests = 0;
    return retrier.run("upload " + upload.filename,
                       [&] { return upload_once(http, retrier, upload, bad_requests); });
}

std::uint32_t unique_number(const transport::RandomFraction& random) {
    return static_cast<std::uint32_t>(random() * 4294967296.0);
}

void check_compute_id(const std::string& compute_id) {
    const bool plain =
        std::ranges::all_of(compute_id, [](char c) { return c > ' ' && c < '\x7f'; });
    if (!plain) {
        throw Error(ErrorKind::usage, "NUMERAI_COMPUTE_ID holds white space or control characters");
    }
}

}  // namespace erawise::submit
