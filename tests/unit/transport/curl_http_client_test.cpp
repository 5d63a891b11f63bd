#include "transport/curl_http_client.h"

#include <gmock/gmock.h>

#include <csignal>
#include <stdexcept>

#include "support/expect_error.h"
#include "support/temporary_folder.h"
#include "transport/loopback_server.h"

namespace erawise::transport {
namespace {

using namespace std::chrono_literals;
using test::AfterReply;
using test::expect_error;
using test::http_reply;
using test::LoopbackServer;
using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::StartsWith;

class CollectingSink final : public BodySink {
  public:
    explicit CollectingSink(BodyWanted wanted = BodyWanted::yes) : wanted_(wanted) {}
    BodyWanted begin(const HttpResponse& head) override {
        ++begun;
        status = head.status;
        etag = head.header("etag");
        return wanted_;
    }
    void write(std::string_view bytes) override { text.append(bytes); }

    int begun = 0;
    int status = 0;
    std::string etag;
    std::string text;

  private:
    BodyWanted wanted_;
};

class CurlHttpClientTest : public testing::Test {
  protected:
    HttpResponse get(const std::string& url) {
        HttpRequest request;
        request.url = url;
        return client_.send(request);
    }
    static HttpRequest post(const std::string& url) {
        HttpRequest request;
        request.method = HttpMethod::post;
        request.url = url;
        request.body = R"({"query":"x"})";
        request.authorization = util::Secret("Token P$S");
        return request;
    }

    util::StopSignal stop_;
    CurlHttpClient client_{stop_};
};

TEST_F(CurlHttpClientTest, GetReturnsStatusHeadersAndBody) {
    LoopbackServer server({{http_reply("200 OK", "hello", "ETag: \"e1\"\r\nX-Other: 1\r\n")}});
    const auto response = get(server.url("/a?b=c"));
    EXPECT_EQ(response.outcome, HttpOutcome::success);
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "hello");
    EXPECT_EQ(response.header("ETAG"), "\"e1\"");
    EXPECT_EQ(response.content_length(), 5u);
    EXPECT_EQ(response.error, "");
    EXPECT_THAT(server.requests().at(0),
                AllOf(StartsWith("GET /a?b=c HTTP/1.1\r\n"),
                      HasSubstr("\r\nUser-Agent: erawise/" ERAWISE_VERSION "\r\n"),
                      Not(HasSubstr("Authorization"))));
}

TEST_F(CurlHttpClientTest, PostSendsBodyAndKey) {
    LoopbackServer server({{http_reply("200 OK", "{}")}});
    auto request = post(server.url());
    request.headers = {{"Content-Type", "application/json"}};
    EXPECT_EQ(client_.send(request).outcome, HttpOutcome::success);
    EXPECT_THAT(server.requests().at(0),
                AllOf(StartsWith("POST / HTTP/1.1\r\n"), HasSubstr("\r\nContent-Length: 13\r\n"),
                      HasSubstr("\r\nContent-Type: application/json\r\n"),
                      HasSubstr("\r\nAuthorization: Token P$S\r\n"), Not(HasSubstr("Expect")),
                      EndsWith("\r\n\r\n{\"query\":\"x\"}")));
}

TEST_F(CurlHttpClientTest, PutStreamsAFileWithItsLengthAndNothingElse) {
    const test::TemporaryFolder folder;
    const std::string text(2'000'000, 'x');
    FileBody body(folder.write("p.csv", text));
    LoopbackServer server({{http_reply("200 OK", "")}});
    HttpRequest request;
    request.method = HttpMethod::put;
    request.url = server.url("/bucket/p.csv?X-Amz-Signature=s");
    request.source = &body;
    request.headers = {{"x_compute_id", "c1"}};
    EXPECT_EQ(client_.send(request).outcome, HttpOutcome::success);

    const std::string sent = server.requests().at(0);
    const auto head_end = sent.find("\r\n\r\n");
    const std::string host = "127.0.0.1:" + std::to_string(server.port());
    EXPECT_EQ(sent.substr(0, head_end),
              "PUT /bucket/p.csv?X-Amz-Signature=s HTTP/1.1\r\nHost: " + host +
                  "\r\nUser-Agent: erawise/" ERAWISE_VERSION
                  "\r\nAccept: */*\r\nx_compute_id: c1"
                  "\r\nContent-Length: 2000000");
    EXPECT_EQ(sent.substr(head_end + 4), text);
}

TEST_F(CurlHttpClientTest, AnEmptyFileIsPutWithLengthZero) {
    LoopbackServer server({{http_reply("200 OK", "")}});
    HttpRequest request;
    request.method = HttpMethod::put;
    request.url = server.url();
    EXPECT_EQ(client_.send(request).outcome, HttpOutcome::success);
    EXPECT_THAT(server.requests().at(0),
                AllOf(HasSubstr("Content-Length: 0\r\n"), Not(HasSubstr("chunked"))));
}

TEST_F(CurlHttpClientTest, StatusDecidesTheOutcome) {
    LoopbackServer server({{http_reply("403 Forbidden", "<Error/>")},
                           {http_reply("503 Slow Down", "", "Retry-After: 7\r\n")},
                           {http_reply("429 Too Many Requests", "")}});
    const auto refused = get(server.url());
    EXPECT_EQ(refused.outcome, HttpOutcome::permanent);
    EXPECT_EQ(refused.error, "HTTP 403");
    EXPECT_EQ(refused.body, "<Error/>");
    const auto busy = get(server.url());
    EXPECT_EQ(busy.outcome, HttpOutcome::retry);
    EXPECT_EQ(busy.header("Retry-After"), "7");
    EXPECT_EQ(get(server.url()).outcome, HttpOutcome::retry);
    EXPECT_EQ(server.connections(), 1) << "the connection is kept alive";
}

TEST_F(CurlHttpClientTest, ACutAnswerIsRetried) {
    LoopbackServer server(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", AfterReply::close}});
    const auto response = get(server.url());
    EXPECT_EQ(response.outcome, HttpOutcome::retry);
    EXPECT_NE(response.error, "");
}

TEST_F(CurlHttpClientTest, NoAnswerAtAllIsRetried) {
    LoopbackServer server({{"", AfterReply::close}});
    EXPECT_EQ(get(server.url()).outcome, HttpOutcome::retry);
}

TEST_F(CurlHttpClientTest, ARefusedConnectionIsRetried) {
    std::string url;
    {
        const LoopbackServer gone({});
        url = gone.url();
    }
    const auto response = get(url);
    EXPECT_EQ(response.outcome, HttpOutcome::retry);
    EXPECT_EQ(response.status, 0);
}

TEST_F(CurlHttpClientTest, TheTotalTimeoutEndsAStall) {
    LoopbackServer server({{"", AfterReply::stall}});
    HttpRequest request = post(server.url());
    request.total_timeout = 50ms;
    const auto response = client_.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::retry);
    EXPECT_THAT(response.error, HasSubstr("timed out"));
}

TEST_F(CurlHttpClientTest, ASlowTransferEnds) {
    LoopbackServer server(
        {{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", AfterReply::stall}});
    CurlHttpClient client(stop_, {.low_speed_bytes_per_second = 1000, .low_speed_time = 1s});
    HttpRequest request;
    request.url = server.url();
    const auto response = client.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::retry);
    EXPECT_THAT(response.error, HasSubstr("too slow"));
}

TEST_F(CurlHttpClientTest, AStopSignalEndsAStalledTransferAtOnce) {
    LoopbackServer server({{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", AfterReply::stall,
                            [&] { stop_.request(SIGTERM); }}});
    const auto start = std::chrono::steady_clock::now();
    expect_error(util::ErrorKind::cancelled, [&] { get(server.url()); });
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
}

TEST_F(CurlHttpClientTest, UnencryptedHttpBeyondLoopbackIsRefusedBeforeConnecting) {
    LoopbackServer server({{http_reply("200 OK", "")}});
    // The kernel would connect 0.0.0.0 to this very server.
    auto request = post("http://0.0.0.0:" + std::to_string(server.port()) + "/?secret");
    const auto response = client_.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::permanent);
    EXPECT_THAT(response.error, AllOf(HasSubstr("not encrypted"), Not(HasSubstr("secret"))));
    EXPECT_EQ(server.connections(), 0);
}

TEST_F(CurlHttpClientTest, OtherProtocolsAreRefused) {
    const test::TemporaryFolder folder;
    const auto file = folder.write("x", "text");
    EXPECT_EQ(get("file://" + file.string()).outcome, HttpOutcome::permanent);
}

TEST_F(CurlHttpClientTest, ARedirectToAnotherOriginLosesTheKey) {
    LoopbackServer other({{http_reply("200 OK", "there")}});
    LoopbackServer server(
        {{http_reply("307 Temporary Redirect", "", "Location: " + other.url("/x") + "\r\n")}});
    const auto response = client_.send(post(server.url()));
    EXPECT_EQ(response.body, "there");
    EXPECT_THAT(server.requests().at(0), HasSubstr("Authorization: Token P$S"));
    EXPECT_THAT(other.requests().at(0),
                AllOf(StartsWith("POST /x "), Not(HasSubstr("Authorization")),
                      EndsWith("{\"query\":\"x\"}")));
}

TEST_F(CurlHttpClientTest, ARedirectWithinTheOriginKeepsTheKey) {
    LoopbackServer server({{http_reply("308 Permanent Redirect", "", "Location: /new\r\n")},
                           {http_reply("200 OK", "")}});
    EXPECT_EQ(client_.send(post(server.url("/old"))).status, 200);
    EXPECT_THAT(server.requests().at(1),
                AllOf(StartsWith("POST /new "), HasSubstr("Authorization: Token P$S")));
}

TEST_F(CurlHttpClientTest, ARedirectThatWouldTurnAPostIntoAGetIsNotFollowed) {
    LoopbackServer server({{http_reply("302 Found", "", "Location: /new\r\n")}});
    const auto response = client_.send(post(server.url()));
    EXPECT_EQ(response.outcome, HttpOutcome::permanent);
    EXPECT_EQ(response.status, 302);
    EXPECT_THAT(server.requests(), SizeIs(1));
}

TEST_F(CurlHttpClientTest, ARedirectToAnUnencryptedHostIsRefused) {
    LoopbackServer other({{http_reply("200 OK", "")}});
    LoopbackServer server({{http_reply(
        "302 Found", "", "Location: http://0.0.0.0:" + std::to_string(other.port()) + "/\r\n")}});
    EXPECT_EQ(get(server.url()).outcome, HttpOutcome::permanent);
    EXPECT_EQ(other.connections(), 0);
}

TEST_F(CurlHttpClientTest, RedirectsInACircleEnd) {
    std::vector<test::ScriptedReply> circle(20, {http_reply("302 Found", "", "Location: /\r\n")});
    LoopbackServer server(std::move(circle));
    const auto response = get(server.url());
    EXPECT_EQ(response.outcome, HttpOutcome::permanent);
    EXPECT_THAT(response.error, HasSubstr("redirects more than"));
    EXPECT_THAT(server.requests(), SizeIs(6));
}

TEST_F(CurlHttpClientTest, ALargerAnswerThanAllowedIsRefused) {
    LoopbackServer server({{http_reply("200 OK", std::string(2000, 'x'))}});
    HttpRequest request;
    request.url = server.url();
    request.maximum_body_bytes = 1000;
    const auto response = client_.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::permanent);
    EXPECT_THAT(response.error, HasSubstr("larger than 1000 bytes"));
    EXPECT_LE(response.body.size(), 1000u);
}

TEST_F(CurlHttpClientTest, ASinkTakesTheBodyOfSuccess) {
    const std::string text(1'000'000, 'y');
    LoopbackServer server({{http_reply("200 OK", text, "ETag: e\r\n")}});
    CollectingSink sink;
    HttpRequest request;
    request.url = server.url();
    request.sink = &sink;
    request.maximum_body_bytes = 0;
    const auto response = client_.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::success);
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(response.body_bytes, text.size());
    EXPECT_EQ(sink.text, text);
    EXPECT_EQ(sink.etag, "e");
    EXPECT_EQ(sink.begun, 1);
}

TEST_F(CurlHttpClientTest, ASinkSeesNoErrorPage) {
    LoopbackServer server({{http_reply("404 Not Found", "page")}});
    CollectingSink sink;
    HttpRequest request;
    request.url = server.url();
    request.sink = &sink;
    EXPECT_EQ(client_.send(request).status, 404);
    EXPECT_EQ(sink.begun, 0);
}

TEST_F(CurlHttpClientTest, ASinkBeginsAlsoForAnEmptyBody) {
    LoopbackServer server({{http_reply("200 OK", "")}});
    CollectingSink sink;
    HttpRequest request;
    request.url = server.url();
    request.sink = &sink;
    client_.send(request);
    EXPECT_EQ(sink.begun, 1);
    EXPECT_EQ(sink.status, 200);
}

TEST_F(CurlHttpClientTest, AnUnwantedBodyIsAbandonedAfterTheHeaders) {
    LoopbackServer server({{"HTTP/1.1 200 OK\r\nETag: e\r\nContent-Length: 99999999\r\n\r\nfirst",
                            AfterReply::stall}});
    CollectingSink sink(BodyWanted::no);
    HttpRequest request;
    request.url = server.url();
    request.sink = &sink;
    const auto response = client_.send(request);
    EXPECT_EQ(response.outcome, HttpOutcome::success);
    EXPECT_TRUE(response.abandoned);
    EXPECT_EQ(response.header("ETag"), "e");
    EXPECT_EQ(sink.text, "");
}

TEST_F(CurlHttpClientTest, WhatASinkThrowsReachesTheCaller) {
    class Throwing final : public BodySink {
        BodyWanted begin(const HttpResponse&) override { return BodyWanted::yes; }
        void write(std::string_view) override { throw std::runtime_error("disk full"); }
    };
    LoopbackServer server({{http_reply("200 OK", "text")}, {http_reply("200 OK", "after")}});
    Throwing sink;
    HttpRequest request;
    request.url = server.url();
    request.sink = &sink;
    EXPECT_THROW(client_.send(request), std::runtime_error);
    EXPECT_EQ(get(server.url()).body, "after") << "the client is still good";
}

TEST_F(CurlHttpClientTest, ADeadConnectionIsReplacedForARepeatableRequest) {
    LoopbackServer server({{http_reply("200 OK", "first"), AfterReply::keep_alive},
                           {"", AfterReply::close},
                           {http_reply("200 OK", "second")}});
    EXPECT_EQ(get(server.url()).body, "first");
    EXPECT_EQ(get(server.url()).body, "second");
    EXPECT_THAT(server.requests(), SizeIs(3));
}

TEST_F(CurlHttpClientTest, ARequestThatMayHaveBeenActedOnIsNotSentTwice) {
    LoopbackServer server({{http_reply("200 OK", "first"), AfterReply::keep_alive},
                           {"", AfterReply::close},
                           {http_reply("200 OK", "second")}});
    EXPECT_EQ(get(server.url()).body, "first");
    auto request = post(server.url());
    request.resend = Resend::forbidden;
    EXPECT_EQ(client_.send(request).outcome, HttpOutcome::retry);
    EXPECT_THAT(server.requests(), SizeIs(2));
}

TEST_F(CurlHttpClientTest, ALineBreakCannotAddAHeader) {
    LoopbackServer server({{http_reply("200 OK", "")}});
    HttpRequest request;
    request.url = server.url();
    request.headers = {{"x", "1\r\nAuthorization: evil"}};
    expect_error(util::ErrorKind::usage, [&] { client_.send(request); });
    EXPECT_THAT(server.requests(), IsEmpty());
}

TEST_F(CurlHttpClientTest, AStopSignalBeforeTheRequestSendsNothing) {
    LoopbackServer server({{http_reply("200 OK", "")}});
    stop_.request(SIGINT);
    expect_error(util::ErrorKind::cancelled, [&] { get(server.url()); });
    EXPECT_EQ(server.connections(), 0);
}

TEST(FileBody, StartsOverAfterRewind) {
    const test::TemporaryFolder folder;
    FileBody body(folder.write("x", "abcdef"));
    EXPECT_EQ(body.size(), 6u);
    std::string buffer(4, '\0');
    EXPECT_EQ(body.read(buffer), 4u);
    body.rewind();
    EXPECT_EQ(body.read(buffer), 4u);
    EXPECT_EQ(buffer, "abcd");
    EXPECT_EQ(body.read(buffer), 2u);
    EXPECT_EQ(body.read(buffer), 0u);
}

TEST(FileBody, AFileThatBecomesShorterIsDiskError) {
    const test::TemporaryFolder folder;
    const auto path = folder.write("x", "abcdef");
    FileBody body(path);
    std::filesystem::resize_file(path, 2);
    std::string buffer(6, '\0');
    EXPECT_EQ(body.read(buffer), 2u);
    expect_error(util::ErrorKind::disk, [&] { body.read(buffer); });
}

TEST(FileBody, AMissingFileIsDiskError) {
    expect_error(util::ErrorKind::disk, [] { FileBody body("/nonexistent/p.csv"); });
    expect_error(util::ErrorKind::disk, [] { FileBody body("/"); });
}

}  // namespace
}  // namespace erawise::transport
