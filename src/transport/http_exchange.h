#pragma once

#include <string_view>

#include "transport/http.h"
#include "transport/http_body.h"

namespace erawise::transport {

enum class Continue { yes, no };

/// One request whose answer is on its way: makes a response of the header lines and body bytes, in
/// the order in which they come from the network, and applies the request's limit and sink.
class HttpExchange {
  public:
    /// `request` must outlive it. Rewinds the request's source.
    explicit HttpExchange(const HttpRequest& request);
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;

    /// The bytes to send: the request's source, or its body.
    [[nodiscard]] BodySource& source() { return *source_; }

    /// A status line or header line, with or without its line end.
    void take_header(std::string_view line);

    /// A piece of the body. `no` ends the transfer.
    Continue take_body(std::string_view bytes);

    /// The response, once nothing more comes. `transfer` and `reason` tell how the transfer itself
    /// went; where that was well, the status decides.
    HttpResponse finish(HttpOutcome transfer, std::string_view reason);

  private:
    [[nodiscard]] bool streams() const;
    Continue begin_sink();

    const HttpRequest& request_;
    TextBody text_;
    BodySource* source_;
    HttpResponse response_;
    bool begun_ = false;
    bool over_limit_ = false;
};

}  // namespace erawise::transport
