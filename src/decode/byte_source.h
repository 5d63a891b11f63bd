#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace erawise::decode {

/// A stream of bytes that is read once from its beginning.
///
/// Errors are Error(data) for what is wrong in the stream, Error(disk) when it cannot be read.
/// Used by one thread at a time.
class ByteSource {
  public:
    virtual ~ByteSource() = default;

    /// Fills `buffer` from its front and returns the number of bytes: fewer than asked for only at
    /// the end of the stream, 0 when nothing is left. The end is reported only when it was
    /// verified: a truncated stream is an error.
    virtual std::size_t read(std::span<char> buffer) = 0;

    /// Bytes of the file that were consumed so far, for progress. Any thread may ask.
    [[nodiscard]] virtual std::uint64_t consumed_bytes() const = 0;

    /// Memory that the source holds, beside what read() is given.
    [[nodiscard]] virtual std::uint64_t memory_bytes() const = 0;
};

/// A file as it is.
std::unique_ptr<ByteSource> open_plain_file(const std::filesystem::path& path);

}  // namespace erawise::decode
