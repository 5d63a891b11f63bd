#pragma once

#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "transport/http.h"

namespace erawise::test {

/// What crossed the seam, with the body drained.
struct SentRequest {
    transport::HttpMethod method;
    std::string url;
    std::vector<transport::HttpHeader> headers;
    std::string authorization;
    std::string body;
    transport::Resend resend;
};

/// Answers from a list, in order; a request beyond its end gets a permanent failure that says so.
class FakeHttpClient final : public transport::HttpClient {
  public:
    void answer(transport::HttpResponse response) { answers_.push_back(std::move(response)); }

    /// An answer that arrived whole.
    void answer(int status, std::string body, std::vector<transport::HttpHeader> headers = {}) {
        transport::HttpResponse response;
        response.status = status;
        response.outcome = transport::outcome_of_status(status);
        response.body = std::move(body);
        response.headers = std::move(headers);
        if (response.outcome != transport::HttpOutcome::success) {
            response.error = "HTTP " + std::to_string(status);
        }
        answers_.push_back(std::move(response));
    }

    /// The request arrives, but no answer comes back.
    void lose_answer(std::string error = "connection reset") {
        transport::HttpResponse response;
        response.outcome = transport::HttpOutcome::retry;
        response.error = std::move(error);
        answers_.push_back(std::move(response));
    }

    /// Headers and a part of the body arrive, then the connection ends.
    void cut(int status, std::string body, std::vector<transport::HttpHeader> headers) {
        answer(status, std::move(body), std::move(headers));
        answers_.back().outcome = transport::HttpOutcome::retry;
        answers_.back().error = "connection reset";
    }

    transport::HttpResponse send(const transport::HttpRequest& request) override {
        record(request);
        if (answers_.empty()) {
            transport::HttpResponse response;
            response.error = "no answer is scripted for " + request.url;
            return response;
        }
        transport::HttpResponse response = std::move(answers_.front());
        answers_.pop_front();
        if (request.sink != nullptr &&
            transport::outcome_of_status(response.status) == transport::HttpOutcome::success) {
            deliver(*request.sink, response);
        }
        return response;
    }

    [[nodiscard]] const std::vector<SentRequest>& sent() const { return sent_; }
    [[nodiscard]] bool exhausted() const { return answers_.empty(); }

    /// How many of the requests hold this text in their body.
    [[nodiscard]] int count(std::string_view text) const {
        int found = 0;
        for (const SentRequest& request : sent_) {
            found += request.body.contains(text) ? 1 : 0;
        }
        return found;
    }

  private:
    void record(const transport::HttpRequest& request) {
        SentRequest sent{request.method,
                         request.url,
                         request.headers,
                         request.authorization ? request.authorization->reveal() : std::string(),
                         request.body,
                         request.resend};
        if (request.source != nullptr) {
            std::string buffer(64, '\0');
            request.source->rewind();
            while (const auto count = request.source->read(buffer)) {
                sent.body.append(buffer, 0, count);
            }
        }
        sent_.push_back(std::move(sent));
    }

    static void deliver(transport::BodySink& sink, transport::HttpResponse& response) {
        const std::string body = std::exchange(response.body, {});
        response.abandoned = sink.begin(response) == transport::BodyWanted::no;
        if (response.abandoned) {
            response.outcome = transport::HttpOutcome::success;
        }
        if (!response.abandoned) {
            sink.write(std::string_view(body).substr(0, body.size() / 2));
            sink.write(std::string_view(body).substr(body.size() / 2));
            response.body_bytes = body.size();
        }
    }

    std::deque<transport::HttpResponse> answers_;
    std::vector<SentRequest> sent_;
};

/// A random generator that always gives the same.
inline std::function<double()> constant(double fraction) {
    return [fraction] { return fraction; };
}

}  // namespace erawise::test
