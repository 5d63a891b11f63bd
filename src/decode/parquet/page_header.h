#pragma once

#include <cstdint>

#include "decode/parquet/page.h"
#include "decode/parquet/thrift_reader.h"

namespace erawise::decode {

/// Reads a page's header but for its place; returns the number of the page's kind, -1 where it has
/// none. Errors: Error(data) with the byte.
std::int32_t read_page_header(ThriftReader& reader, PageReader::Header& header);

}  // namespace erawise::decode
