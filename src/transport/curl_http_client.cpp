#include "transport/curl_http_client.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <exception>
#include <span>
#include <utility>

#include "transport/http_exchange.h"
#include "transport/url.h"
#include "util/error.h"
#include "util/shared_library.h"

namespace erawise::transport {
namespace {

using util::Error;
using util::ErrorKind;

constexpr int kMaximumRedirects = 5;

/// One buffer for each direction: four TLS records, so that a fast line needs few calls.
constexpr long kTransferBufferBytes = 64L * 1024;

/// How long a stop signal can go unseen while nothing arrives.
constexpr int kPollMilliseconds = 100;

/// The functions that we call, under their own names.
struct Functions {
    decltype(&curl_global_init) global_init;
    decltype(&curl_global_cleanup) global_cleanup;
    decltype(&curl_version) version;
    decltype(&curl_easy_init) easy_init;
    decltype(&curl_easy_cleanup) easy_cleanup;
    decltype(&curl_easy_reset) easy_reset;
    decltype(&curl_easy_setopt) easy_setopt;
    decltype(&curl_easy_getinfo) easy_getinfo;
    decltype(&curl_easy_strerror) easy_strerror;
    decltype(&curl_multi_init) multi_init;
    decltype(&curl_multi_cleanup) multi_cleanup;
    decltype(&curl_multi_add_handle) multi_add_handle;
    decltype(&curl_multi_remove_handle) multi_remove_handle;
    decltype(&curl_multi_perform) multi_perform;
    decltype(&curl_multi_poll) multi_poll;
    decltype(&curl_multi_info_read) multi_info_read;
    decltype(&curl_multi_strerror) multi_strerror;
    decltype(&curl_slist_append) slist_append;
    decltype(&curl_slist_free_all) slist_free_all;
};

Functions open_library() {
    const util::SharedLibrary library("libcurl.so.4", "install libcurl 8 (the image has it)");
    Functions functions{};
    library.look_up("curl_global_init", functions.global_init);
    library.look_up("curl_global_cleanup", functions.global_cleanup);
    library.look_up("curl_version", functions.version);
    library.look_up("curl_easy_init", functions.easy_init);
    library.look_up("curl_easy_cleanup", functions.easy_cleanup);
    library.look_up("curl_easy_reset", functions.easy_reset);
    library.look_up("curl_easy_setopt", functions.easy_setopt);
    library.look_up("curl_easy_getinfo", functions.easy_getinfo);
    library.look_up("curl_easy_strerror", functions.easy_strerror);
    library.look_up("curl_multi_init", functions.multi_init);
    library.look_up("curl_multi_cleanup", functions.multi_cleanup);
    library.look_up("curl_multi_add_handle", functions.multi_add_handle);
    library.look_up("curl_multi_remove_handle", functions.multi_remove_handle);
    library.look_up("curl_multi_perform", functions.multi_perform);
    library.look_up("curl_multi_poll", functions.multi_poll);
    library.look_up("curl_multi_info_read", functions.multi_info_read);
    library.look_up("curl_multi_strerror", functions.multi_strerror);
    library.look_up("curl_slist_append", functions.slist_append);
    library.look_up("curl_slist_free_all", functions.slist_free_all);
    return functions;
}

/// libcurl, opened at its first use and never closed: with the two dozen libraries that it needs it
/// takes as long to load as all others together, and a prediction has no use for it.
const Functions& curl() {
    static const Functions functions = open_library();
    return functions;
}

/// libcurl's global state, for as long as a session lives.
class CurlLibrary {
  public:
    CurlLibrary() {
        if (curl().global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
            throw Error(ErrorKind::bug, "libcurl cannot be initialised");
        }
    }
    ~CurlLibrary() { curl().global_cleanup(); }
    CurlLibrary(const CurlLibrary&) = delete;
    CurlLibrary& operator=(const CurlLibrary&) = delete;
};

struct EasyDeleter {
    void operator()(CURL* handle) const noexcept { curl().easy_cleanup(handle); }
};
struct MultiDeleter {
    void operator()(CURLM* handle) const noexcept { curl().multi_cleanup(handle); }
};
/// One of the headers is the key: its copy is overwritten before it is released.
struct HeaderListDeleter {
    void operator()(curl_slist* list) const noexcept {
        for (const curl_slist* item = list; item != nullptr; item = item->next) {
            explicit_bzero(item->data, std::strlen(item->data));
        }
        curl().slist_free_all(list);
    }
};
using Easy = std::unique_ptr<CURL, EasyDeleter>;
using Multi = std::unique_ptr<CURLM, MultiDeleter>;
using HeaderList = std::unique_ptr<curl_slist, HeaderListDeleter>;

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (const CURLcode code = curl().easy_setopt(easy, option, value); code != CURLE_OK) {
        throw Error(ErrorKind::bug,
                    fmt::format("libcurl refuses option {}: {}", static_cast<int>(option),
                                curl().easy_strerror(code)));
    }
}

/// Every code of libcurl, as what it means for a retry.
HttpOutcome outcome_of_code(CURLcode code) {
    switch (code) {
        case CURLE_OK:
            return HttpOutcome::success;
        case CURLE_COULDNT_RESOLVE_PROXY:
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_CONNECT:
        case CURLE_PARTIAL_FILE:
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_SSL_CONNECT_ERROR:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_AGAIN:
            return HttpOutcome::retry;
        default:
            return HttpOutcome::permanent;
    }
}

/// What the callbacks get. libcurl calls them on the thread of send().
struct Transfer {
    HttpExchange exchange;
    std::exception_ptr exception{};
};

/// Runs the body of a callback: an exception waits in the transfer, and libcurl gets `failure`.
template <typename Result, typename Body>
Result guarded(Transfer& transfer, Result failure, Body&& body) noexcept {
    try {
        return body();
    } catch (...) {
        transfer.exception = std::current_exception();
        return failure;
    }
}

extern "C" std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    constexpr std::size_t failure = CURL_WRITEFUNC_ERROR;
    return guarded(transfer, failure, [&] {
        return transfer.exchange.take_body({bytes, count}) == Continue::yes ? count : failure;
    });
}

extern "C" std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    return guarded(transfer, std::size_t{CURL_WRITEFUNC_ERROR}, [&] {
        transfer.exchange.take_header({bytes, count});
        return count;
    });
}

extern "C" std::size_t on_read(char* buffer, std::size_t, std::size_t capacity, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    return guarded(transfer, std::size_t{CURL_READFUNC_ABORT},
                   [&] { return transfer.exchange.source().read({buffer, capacity}); });
}

extern "C" int on_seek(void* user, curl_off_t offset, int origin) {
    auto& transfer = *static_cast<Transfer*>(user);
    if (offset != 0 || origin != SEEK_SET) {
        return CURL_SEEKFUNC_CANTSEEK;
    }
    return guarded(transfer, CURL_SEEKFUNC_FAIL, [&] {
        transfer.exchange.source().rewind();
        return CURL_SEEKFUNC_OK;
    });
}

void append(HeaderList& list, const std::string& line) {
    if (line.find_first_of("\r\n") != std::string::npos) {
        throw Error(ErrorKind::usage, fmt::format("the header {} holds a line break",
                                                  line.substr(0, line.find(':'))));
    }
    curl_slist* const head = curl().slist_append(list.get(), line.c_str());
    if (head == nullptr) {
        throw std::bad_alloc();
    }
    std::ignore = list.release();
    list.reset(head);
}

enum class Key { send, withhold };

HeaderList header_list(const HttpRequest& request, Key key) {
    HeaderList list;
    append(list, "Expect:");  // no wait for "100 Continue"
    if (request.method == HttpMethod::put) {
        append(list, "Content-Type:");  // a type that was not signed would break the signature
    }
    for (const HttpHeader& header : request.headers) {
        append(list, header.name + ": " + header.value);
    }
    if (request.authorization && key == Key::send) {
        std::string line = "Authorization: " + request.authorization->reveal();
        append(list, line);
        explicit_bzero(line.data(), line.size());
    }
    return list;
}

}  // namespace

/// libcurl's handles and the connections they keep.
class CurlHttpClient::Session {
  public:
    Session(const util::StopSignal& stop, const CurlHttpOptions& options)
        : stop_(stop), options_(options), multi_(curl().multi_init()), easy_(curl().easy_init()) {
        if (!multi_ || !easy_) {
            throw Error(ErrorKind::bug, "libcurl gives no handle");
        }
    }

    /// One exchange without redirects. `redirect` gets the target of one.
    HttpResponse exchange(const HttpRequest& request, const Url& target, Key key,
                          std::string& redirect) {
        Transfer transfer{HttpExchange(request)};
        std::array<char, CURL_ERROR_SIZE> reason{};
        const HeaderList headers = header_list(request, key);

        curl().easy_reset(easy_.get());
        set(easy_.get(), CURLOPT_URL, target.text().c_str());  // which libcurl copies
        set(easy_.get(), CURLOPT_HTTPHEADER, headers.get());
        set(easy_.get(), CURLOPT_ERRORBUFFER, reason.data());
        set_safety(target);
        set_limits(request);
        set_body(request, transfer);
        const CURLcode code = perform();
        if (transfer.exception) {
            std::rethrow_exception(transfer.exception);
        }
        redirect = redirect_target();
        return transfer.exchange.finish(
            outcome_of_code(code), reason[0] != '\0' ? reason.data() : curl().easy_strerror(code));
    }

  private:
    void set_safety(const Url& target) {
        CURL* const easy = easy_.get();
        set(easy, CURLOPT_PROTOCOLS_STR, target.scheme.c_str());
        set(easy, CURLOPT_FOLLOWLOCATION, 0L);
        set(easy, CURLOPT_SSL_VERIFYPEER, 1L);
        set(easy, CURLOPT_SSL_VERIFYHOST, 2L);
        set(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
        set(easy, CURLOPT_USERAGENT, "erawise/" ERAWISE_VERSION);
        set(easy, CURLOPT_NOSIGNAL, 1L);
        if (is_loopback(target.host)) {
            set(easy, CURLOPT_PROXY, "");  // what stays on this machine passes no proxy
        }
    }

    void set_limits(const HttpRequest& request) {
        CURL* const easy = easy_.get();
        set(easy, CURLOPT_BUFFERSIZE, kTransferBufferBytes);
        set(easy, CURLOPT_UPLOAD_BUFFERSIZE, kTransferBufferBytes);
        set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
        if (request.total_timeout) {
            set(easy, CURLOPT_TIMEOUT_MS,
                static_cast<long>(std::max<std::chrono::milliseconds::rep>(
                    request.total_timeout->count(), 1)));  // 0 would mean none
        }
        if (!request.total_timeout || request.sink != nullptr || request.source != nullptr) {
            set(easy, CURLOPT_LOW_SPEED_LIMIT, options_.low_speed_bytes_per_second);
            set(easy, CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.low_speed_time.count()));
        }
        if (request.resend == Resend::forbidden) {
            set(easy, CURLOPT_FRESH_CONNECT, 1L);
        }
    }

    void set_body(const HttpRequest& request, Transfer& transfer) {
        CURL* const easy = easy_.get();
        set(easy, CURLOPT_WRITEFUNCTION, &on_body);
        set(easy, CURLOPT_WRITEDATA, &transfer);
        set(easy, CURLOPT_HEADERFUNCTION, &on_header);
        set(easy, CURLOPT_HEADERDATA, &transfer);
        if (request.method == HttpMethod::get) {
            return;
        }
        set(easy, CURLOPT_READFUNCTION, &on_read);
        set(easy, CURLOPT_READDATA, &transfer);
        set(easy, CURLOPT_SEEKFUNCTION, &on_seek);
        set(easy, CURLOPT_SEEKDATA, &transfer);
        const auto size = static_cast<curl_off_t>(transfer.exchange.source().size());
        if (request.method == HttpMethod::post) {
            set(easy, CURLOPT_POST, 1L);
            set(easy, CURLOPT_POSTFIELDSIZE_LARGE, size);
        } else {
            set(easy, CURLOPT_UPLOAD, 1L);
            set(easy, CURLOPT_INFILESIZE_LARGE, size);
        }
    }

    CURLcode perform() {
        const auto check = [](CURLMcode code) {
            if (code != CURLM_OK) {
                throw Error(ErrorKind::bug,
                            fmt::format("libcurl: {}", curl().multi_strerror(code)));
            }
        };
        check(curl().multi_add_handle(multi_.get(), easy_.get()));
        const auto detach = [this](CURL* easy) { curl().multi_remove_handle(multi_.get(), easy); };
        const std::unique_ptr<CURL, decltype(detach)> attached(easy_.get(), detach);
        for (int running = 1; running != 0;) {
            check(curl().multi_perform(multi_.get(), &running));
            stop_.throw_if_requested();
            if (running != 0) {
                check(curl().multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr));
            }
        }
        int queued = 0;
        const CURLMsg* const message = curl().multi_info_read(multi_.get(), &queued);
        return message != nullptr ? message->data.result : CURLE_RECV_ERROR;
    }

    /// Where the answer redirects to, made absolute; empty when it does not.
    [[nodiscard]] std::string redirect_target() const {
        const char* target = nullptr;
        curl().easy_getinfo(easy_.get(), CURLINFO_REDIRECT_URL, &target);
        return target != nullptr ? target : "";
    }

    CurlLibrary library_;
    const util::StopSignal& stop_;
    const CurlHttpOptions& options_;
    Multi multi_;
    Easy easy_;
};

namespace {

/// Whether an answer with this status sends the same request elsewhere. 301 to 303 turn a POST into
/// a GET, which is never what our calls mean.
bool follows(HttpMethod method, int status) {
    const bool keeps_method = status == 307 || status == 308;
    const bool for_get = status == 301 || status == 302 || status == 303;
    return keeps_method || (for_get && method == HttpMethod::get);
}

HttpResponse refused(std::string why) {
    HttpResponse response;
    response.error = std::move(why);
    return response;
}

}  // namespace

CurlHttpClient::CurlHttpClient(const util::StopSignal& stop, CurlHttpOptions options)
    : stop_(stop), options_(options) {}

CurlHttpClient::~CurlHttpClient() = default;

HttpResponse CurlHttpClient::send(const HttpRequest& request) {
    stop_.throw_if_requested();
    std::string url = request.url;
    const Url first = parse_url(url).value_or(Url{});
    for (int redirects = 0; redirects <= kMaximumRedirects; ++redirects) {
        if (std::string why = url_refusal(url); !why.empty()) {
            return refused(std::move(why));
        }
        const Url target = parse_url(url).value_or(Url{});
        if (first.scheme == "https" && target.scheme != "https") {
            return refused(redacted_url(request.url) + " redirects from https to http");
        }
        if (!session_) {
            session_ = std::make_unique<Session>(stop_, options_);
        }
        const Key key = target.origin() == first.origin() ? Key::send : Key::withhold;
        std::string redirect;
        HttpResponse response = session_->exchange(request, target, key, redirect);
        if (redirect.empty() || !follows(request.method, response.status)) {
            return response;
        }
        url = std::move(redirect);
    }
    return refused(fmt::format("{} redirects more than {} times", redacted_url(request.url),
                               kMaximumRedirects));
}

std::string curl_library_version() {
    try {
        return curl().version();
    } catch (const Error&) {
        return "libcurl is not installed; only transfers need it";
    }
}

}  // namespace erawise::transport
