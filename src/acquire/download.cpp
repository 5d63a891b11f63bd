#include "acquire/download.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <system_error>

#include "acquire/dataset_name.h"
#include "acquire/dataset_sink.h"
#include "acquire/download_record.h"
#include "acquire/format_check.h"
#include "acquire/part_file.h"
#include "transport/presigned_url.h"
#include "util/byte_size.h"
#include "util/error.h"
#include "util/lock_file.h"

namespace erawise::acquire {
namespace {

using transport::Attempt;
using transport::Failure;
using transport::HttpOutcome;
using transport::HttpRequest;
using transport::HttpResponse;
using util::Error;
using util::ErrorKind;

/// A URL that expires sooner is not worth a request.
constexpr std::chrono::seconds kShortestLife{60};

/// Of a round that is open.
constexpr std::string_view kNotThereYet = "the round's data is not there yet";

/// Empty when every byte that the store announced is there.
std::optional<Failure> incomplete(const HttpResponse& response, DatasetSink& sink) {
    if (response.status != 200 && response.status != 206) {
        return Failure{fmt::format("HTTP {} in place of the whole file", response.status)};
    }
    if (!sink.total()) {
        return Failure{"the store does not say how long the file is"};
    }
    if (sink.part()->size() != *sink.total()) {
        return Failure{fmt::format("{} of {} bytes arrived", sink.part()->size(), *sink.total())};
    }
    return std::nullopt;
}

/// One dataset on its way to the disk, over several attempts.
class Download {
  public:
    Download(transport::NumeraiApi& api, transport::HttpClient& http, transport::Retrier& retrier,
             const DownloadOptions& options)
        : api_(api),
          http_(http),
          retrier_(retrier),
          options_(options),
          path_(dataset_path(options.directory, options.file)),
          url_(options.url) {}

    DownloadedFile run();

  private:
    util::LockFile lock();
    Attempt<DownloadedFile> attempt();
    Attempt<std::string> usable_url();
    Attempt<DownloadedFile> get(const std::string& url, const std::string& key);
    Failure failed(const HttpResponse& response);
    [[nodiscard]] std::optional<int> known_round() const {
        return options_.round && options_.round->number != 0 ? std::optional(options_.round->number)
                                                             : std::nullopt;
    }
    Attempt<DownloadedFile> reuse(const DatasetSink& sink, DownloadedFile file) const;
    Attempt<DownloadedFile> accept(PartFile& part, DownloadedFile file);

    transport::NumeraiApi& api_;
    transport::HttpClient& http_;
    transport::Retrier& retrier_;
    const DownloadOptions& options_;
    std::filesystem::path path_;
    std::string url_;             ///< empty: one has to be asked for
    std::uint64_t furthest_ = 0;  ///< bytes of the longest part: only more than these is progress
    std::string damaged_etag_;  ///< of an object that came whole, but in a form that it cannot have
};

/// Two processes would write the same part.
util::LockFile Download::lock() {
    std::filesystem::path file = path_;
    file += ".lock";
    std::error_code status;
    std::filesystem::create_directories(path_.parent_path(), status);
    if (status) {
        throw Error(ErrorKind::disk,
                    fmt::format("cannot create the folder {}: {}; choose another one with "
                                "--directory or ERAWISE_DATA_DIRECTORY",
                                path_.parent_path().string(), status.message()));
    }
    return retrier_.run("download " + options_.file, [&]() -> Attempt<util::LockFile> {
        if (auto lock = util::LockFile::try_take(file)) {
            return *std::move(lock);
        }
        return std::unexpected(Failure{fmt::format("another process is downloading it ({})",
                                                   util::LockFile::holder_of(file))});
    });
}

DownloadedFile Download::run() {
    const util::LockFile held = lock();
    finish_interrupted_commit(path_);
    try {
        return retrier_.run("download " + options_.file, [&] { return attempt(); });
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::network) {  // then the next run goes on with the part
            remove_part(path_);
        }
        throw;
    }
}

Attempt<DownloadedFile> Download::attempt() {
    const auto url = usable_url();
    if (!url) {
        return std::unexpected(url.error());
    }
    const std::string key = transport::object_key_of(*url);
    if (options_.round) {
        const std::string why = not_of_round(key, options_.file, *options_.round);
        if (!why.empty() && options_.freshness == Freshness::strict && !options_.key_is_settled) {
            url_.clear();
            return std::unexpected(Failure{fmt::format("{}: {}", kNotThereYet, why)});
        }
        if (!why.empty()) {
            spdlog::warn("{}: {}", options_.file, why);
        }
    }
    return get(*url, key);
}

/// The URL at hand while it is good for a minute, else a new one. One that does not say how long it
/// lasts is used once.
Attempt<std::string> Download::usable_url() {
    const auto expiry = transport::presigned_expiry(url_);
    if (!url_.empty() && expiry && *expiry - api_.server_now() >= kShortestLife) {
        return url_;
    }
    const auto url =
        util::with_context(options_.file, [&] { return api_.dataset_url(options_.file); });
    if (!url && options_.round) {
        return std::unexpected(Failure{std::string(kNotThereYet)});
    }
    if (!url) {
        throw Error(ErrorKind::rejected,
                    fmt::format("{} is not offered now: no round is open; rounds open at 12:00 "
                                "UTC, Tuesday to Saturday",
                                options_.file));
    }
    url_ = *url;
    return url_;
}

Attempt<DownloadedFile> Download::get(const std::string& url, const std::string& key) {
    const DownloadRecord record{.object_key = key, .etag = {}, .length = 0, .round = known_round()};
    const auto point = find_resume_point(path_, key);
    DatasetSink sink(path_, record, point, options_.progress);
    HttpRequest request;
    request.url = url;
    request.sink = &sink;
    request.total_timeout = retrier_.until_deadline();
    if (point) {
        request.headers = {{"Range", fmt::format("bytes={}-", point->offset)},
                           {"If-Range", point->record.etag}};
    }
    const HttpResponse response = http_.send(request);
    const DownloadedFile file{.path = path_,
                              .bytes_downloaded = sink.received(),
                              .total_bytes = sink.total().value_or(0),
                              .object_key = key,
                              .etag = sink.etag()};
    if (sink.mismatched()) {
        remove_part(path_);
        return std::unexpected(Failure{"the store continues another file than was begun"});
    }
    if (response.abandoned) {
        return reuse(sink, file);
    }
    auto failure = response.outcome == HttpOutcome::success ? incomplete(response, sink)
                                                            : std::optional(failed(response));
    if (!failure) {
        return accept(*sink.part(), file);
    }
    if (sink.part() != nullptr) {
        sink.part()->keep_for_later();
        failure->progress =
            sink.part()->size() > furthest_ ? transport::Progress::some : transport::Progress::none;
        furthest_ = std::max(furthest_, sink.part()->size());
    }
    return std::unexpected(*std::move(failure));
}

/// A status that no file came with.
Failure Download::failed(const HttpResponse& response) {
    if (response.outcome == HttpOutcome::retry) {
        return failure_of(response, retrier_.now());
    }
    if (response.status == 403) {
        url_.clear();
        return {"the store refuses the presigned URL (HTTP 403)"};
    }
    if (response.status == 404 && options_.round) {
        url_.clear();  // which was signed whether there is a file or not
        return {fmt::format("{} (HTTP 404)", kNotThereYet)};
    }
    if (response.status == 416) {
        remove_part(path_);
        return {"the file ends before the part on the disk does (HTTP 416): starting over"};
    }
    throw Error(response.status == 0 ? ErrorKind::network : ErrorKind::rejected,
                fmt::format("{} cannot be downloaded: {}; `erawise download` takes the names that "
                            "Numerai lists, such as v5.3/live.parquet",
                            options_.file, response.error));
}

/// The file on the disk is what the store has. When that was the data of an earlier round, the data
/// of this one is still to come.
Attempt<DownloadedFile> Download::reuse(const DatasetSink& sink, DownloadedFile file) const {
    const auto earlier = sink.round_of_current();
    if (earlier && known_round() && *earlier != *known_round()) {
        const std::string why = fmt::format("the store still has the file of round {}", *earlier);
        if (options_.freshness == Freshness::strict) {
            return std::unexpected(Failure{fmt::format("{}: {}", kNotThereYet, why)});
        }
        spdlog::warn("{}: {}", options_.file, why);
    }
    file.reused = true;
    return file;
}

Attempt<DownloadedFile> Download::accept(PartFile& part, DownloadedFile file) {
    const std::string problem = format_problem(part.path(), options_.file);
    if (problem.empty()) {
        if (options_.result == DownloadResult::kept) {
            part.commit();
        }
        return file;
    }
    if (!file.etag.empty() && file.etag == damaged_etag_) {
        throw Error(ErrorKind::data,
                    fmt::format("{}: {}, and the same came twice: the file is damaged in Numerai's "
                                "store; try again later",
                                options_.file, problem));
    }
    damaged_etag_ = file.etag;
    return std::unexpected(Failure{problem});
}

}  // namespace

DownloadedFile download_dataset(transport::NumeraiApi& api, transport::HttpClient& http,
                                transport::Retrier& retrier, const DownloadOptions& options) {
    const DownloadedFile file = Download(api, http, retrier, options).run();
    const char* const what = file.reused                                   ? "is current"
                             : options.result == DownloadResult::discarded ? "can be downloaded"
                                                                           : "downloaded";
    spdlog::info("{} {}: {} ({})", file.path.string(), what, file.object_key,
                 util::format_byte_size(file.total_bytes));
    return file;
}

}  // namespace erawise::acquire
