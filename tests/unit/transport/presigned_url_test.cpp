#include "transport/presigned_url.h"

#include <gmock/gmock.h>

#include "transport/timestamp.h"

namespace erawise::transport {
namespace {

TEST(PresignedUrl, SaysWhenItExpires) {
    const auto expiry = presigned_expiry(
        "https://bucket.example/384/v4.1/train.parquet?response-content-disposition=attachment"
        "&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20260327T115959Z&X-Amz-Expires=600"
        "&X-Amz-SignedHeaders=host&X-Amz-Signature=00");
    ASSERT_TRUE(expiry);
    EXPECT_EQ(format_iso_time(*expiry), "2026-03-27T12:09:59Z");
}

TEST(PresignedUrl, ThatDoesNotSayItHasNone) {
    for (const char* const url :
         {"", "no url", "https://b/k", "https://b/k?X-Amz-Date=20260327T115959Z",
          "https://b/k?X-Amz-Expires=600", "https://b/k?X-Amz-Date=yesterday&X-Amz-Expires=600",
          "https://b/k?X-Amz-Date=20260327T115959Z&X-Amz-Expires=soon",
          "https://b/k?XX-Amz-Date=20260327T115959Z&XX-Amz-Expires=600",
          "https://b/k?X-Amz-Date=20261327T115959Z&X-Amz-Expires=600"}) {
        EXPECT_FALSE(presigned_expiry(url)) << url;
    }
}

TEST(PresignedUrl, HasTheKeyAsItsPath) {
    EXPECT_EQ(object_key_of("https://b.example/20260327/v5.3/live.parquet?X-Amz-Signature=s"),
              "20260327/v5.3/live.parquet");
    EXPECT_EQ(object_key_of("no url"), "");
}

}  // namespace
}  // namespace erawise::transport
