#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "util/clock.h"

namespace erawise::transport {

/// When a presigned URL expires: X-Amz-Date plus X-Amz-Expires of its query. Empty when it does not
/// say. Source: AWS Signature Version 4, query parameters.
std::optional<util::Clock::TimePoint> presigned_expiry(std::string_view url);

/// The object's key in its store, without the query: "1100/v5.3/live.parquet" in
/// "https://bucket.example/1100/v5.3/live.parquet?X-Amz-...". Empty when the text is no URL.
std::string object_key_of(std::string_view url);

}  // namespace erawise::transport
