#include "transport/url.h"

#include <gtest/gtest.h>

namespace erawise::transport {
namespace {

TEST(Url, ReadsAllParts) {
    const auto url = parse_url("https://Host.example:8443/a/b%20c?X-Amz-Signature=s#end");
    ASSERT_TRUE(url);
    EXPECT_EQ(url->scheme, "https");
    EXPECT_EQ(url->host, "host.example");
    EXPECT_EQ(url->port, 8443);
    EXPECT_EQ(url->path, "/a/b%20c");
    EXPECT_EQ(url->query, "X-Amz-Signature=s");
    EXPECT_EQ(url->origin(), "https://host.example:8443");
}

TEST(Url, KnowsTheDefaultPorts) {
    EXPECT_EQ(parse_url("https://a")->origin(), "https://a:443");
    EXPECT_EQ(parse_url("http://[::1]/x")->origin(), "http://[::1]:80");
    EXPECT_EQ(parse_url("https://a?q")->path, "/");
}

TEST(Url, IsPutTogetherAsItIsRead) {
    for (const char* const text : {"https://host.example/", "https://host.example/a/b%20c?x=1&y=/?",
                                   "http://[::1]:8080/x", "http://127.0.0.1/x"}) {
        EXPECT_EQ(parse_url(text)->text(), text);
    }
    EXPECT_EQ(parse_url("HTTPS://Host.Example:443#end")->text(), "https://host.example/");
}

TEST(Url, RefusesWhatParsersReadDifferently) {
    for (const char* const text :
         {"https://good@evil/", "https://a\\b/", "https://a b/", "https://a:0/", "https://a:65536/",
          "https://a:/", "https:///x", "https:a", "ftp://a/", "a", "", "https://a\n/",
          "https://[::1/", "https://a%2fb/"}) {
        EXPECT_FALSE(parse_url(text)) << text;
    }
}

TEST(Url, LoopbackIsOnlyWhatCannotLeaveThisMachine) {
    for (const char* const host : {"localhost", "127.0.0.1", "127.255.0.9", "[::1]"}) {
        EXPECT_TRUE(is_loopback(host)) << host;
    }
    for (const char* const host :
         {"127.0.0.1.example.com", "localhost.example.com", "127.1", "0.0.0.0", "128.0.0.1",
          "[::2]", "", "127.0.0.1.", "127.0.0.256", "10.0.0.1"}) {
        EXPECT_FALSE(is_loopback(host)) << host;
    }
}

TEST(Url, HttpIsForLoopbackOnly) {
    EXPECT_EQ(url_refusal("http://127.0.0.1:80/x"), "");
    EXPECT_EQ(url_refusal("https://numer.ai/x"), "");
    EXPECT_EQ(url_refusal("http://numer.ai/x?secret"),
              "http://numer.ai/x?... is not encrypted: only https is used, except to this machine "
              "itself");
    EXPECT_NE(url_refusal("file:///etc/passwd"), "");
    EXPECT_NE(url_refusal("http://localhost@evil/"), "");
}

TEST(Url, RedactionHidesQueryAndUser) {
    EXPECT_EQ(redacted_url("https://h/p?X-Amz-Signature=abc"), "https://h/p?...");
    EXPECT_EQ(redacted_url("https://me:secret@h/p"), "https://h/p");
    EXPECT_EQ(redacted_url("https://h/p#token"), "https://h/p?...");
    EXPECT_EQ(redacted_url("https://h/p"), "https://h/p");
    EXPECT_EQ(redacted_url("secret?query"), "secret?...");
}

}  // namespace
}  // namespace erawise::transport
