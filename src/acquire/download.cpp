#include "acquire/download.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <optional>

#include "acquire/dataset_name.h"
#include "acquire/download_record.h"
#include "acquire/part_file.h"
#include "transport/url.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

using transport::Attempt;
using transport::BodyWanted;
using transport::Failure;
using transport::HttpOutcome;
using transport::HttpRequest;
using transport::HttpResponse;
using util::Error;
using util::ErrorKind;

/// Writes the body to PATH.part, unless the file at PATH is the same object already.
class DatasetSink final : public transport::BodySink {
  public:
    DatasetSink(std::filesystem::path path, std::string object_key,
                const DownloadProgress& progress)
        : path_(std::move(path)), object_key_(std::move(object_key)), progress_(progress) {}

    BodyWanted begin(const HttpResponse& head) override {
        total_ = head.content_length();
        const auto current = read_record(path_);
        if (current && !current->etag.empty() && current->etag == head.header("ETag") &&
            current->object_key == object_key_ &&
            total_.value_or(current->length) == current->length) {
            total_ = current->length;
            return BodyWanted::no;
        }
        part_ = std::make_unique<PartFile>(path_);
        return BodyWanted::yes;
    }

    void write(std::string_view bytes) override {
        part_->write(bytes);
        if (progress_) {
            progress_(part_->bytes_written(), total_);
        }
    }

    [[nodiscard]] std::uint64_t received() const { return part_ ? part_->bytes_written() : 0; }
    [[nodiscard]] std::optional<std::uint64_t> total() const { return total_; }

    /// The old file's record goes first: at no moment does a record stand beside another file.
    void commit() {
        remove_record(path_);
        part_->commit();
    }

  private:
    std::filesystem::path path_;
    std::string object_key_;
    const DownloadProgress& progress_;
    std::unique_ptr<PartFile> part_;  ///< once the body is wanted
    std::optional<std::uint64_t> total_;
};

/// The object's path in the store, from its presigned URL.
std::string object_key_of(const std::string& url) {
    const auto parsed = transport::parse_url(url);
    return parsed ? parsed->path.substr(1) : std::string();
}

/// A status that no file came with.
Failure failed(const HttpResponse& response, const std::string& file, transport::Retrier& retrier) {
    if (response.outcome == HttpOutcome::retry) {
        return failure_of(response, retrier.now());
    }
    if (response.status == 403) {
        return {"the store refuses the presigned URL (HTTP 403)"};
    }
    throw Error(response.status == 0 ? ErrorKind::network : ErrorKind::rejected,
                fmt::format("{} cannot be downloaded: {}; `erawise download` takes the names that "
                            "Numerai lists, such as v5.3/live.parquet",
                            file, response.error));
}

/// Empty when every byte that the store announced is there.
std::optional<Failure> incomplete(const HttpResponse& response, const DatasetSink& sink) {
    if (response.status != 200) {
        return Failure{fmt::format("HTTP {} in place of the whole file", response.status)};
    }
    if (!sink.total()) {
        return Failure{"the store does not say how long the file is"};
    }
    if (sink.received() != *sink.total()) {
        return Failure{fmt::format("{} of {} bytes arrived", sink.received(), *sink.total())};
    }
    return std::nullopt;
}

/// One presigned URL and one GET.
Attempt<DownloadedFile> try_once(transport::NumeraiApi& api, transport::HttpClient& http,
                                 transport::Retrier& retrier, const DownloadOptions& options,
                                 const std::filesystem::path& path) {
    const auto url =
        util::with_context(options.file, [&] { return api.dataset_url(options.file); });
    if (!url) {
        if (options.round) {
            return std::unexpected(Failure{"the round's data is not there yet"});
        }
        throw Error(ErrorKind::rejected,
                    fmt::format("{} is not offered now: no round is open; rounds open at 12:00 "
                                "UTC, Tuesday to Saturday",
                                options.file));
    }
    const std::string key = object_key_of(*url);
    DatasetSink sink(path, key, options.progress);
    HttpRequest request;
    request.url = *url;
    request.sink = &sink;
    const HttpResponse response = http.send(request);
    if (response.outcome != HttpOutcome::success) {
        return std::unexpected(failed(response, options.file, retrier));
    }
    DownloadedFile file{.path = path,
                        .bytes_downloaded = sink.received(),
                        .total_bytes = sink.total().value_or(0),
                        .object_key = key,
                        .etag = std::string(response.header("ETag")),
                        .reused = response.abandoned};
    if (file.reused) {
        return file;
    }
    if (auto failure = incomplete(response, sink)) {
        return std::unexpected(*std::move(failure));
    }
    sink.commit();
    return file;
}

}  // namespace

DownloadedFile download_dataset(transport::NumeraiApi& api, transport::HttpClient& http,
                                transport::Retrier& retrier, const DownloadOptions& options) {
    const auto path = dataset_path(options.directory, options.file);
    const std::string what = "download " + options.file;
    DownloadedFile file =
        retrier.run(what, [&] { return try_once(api, http, retrier, options, path); });
    if (file.reused) {
        spdlog::info("{} is current: {} ({})", path.string(), file.object_key,
                     util::format_byte_size(file.total_bytes));
        return file;
    }
    write_record(path, {.object_key = file.object_key,
                        .etag = file.etag,
                        .length = file.total_bytes,
                        .round = options.round});
    spdlog::info("{} downloaded: {} ({})", path.string(), file.object_key,
                 util::format_byte_size(file.total_bytes));
    return file;
}

}  // namespace erawise::acquire
