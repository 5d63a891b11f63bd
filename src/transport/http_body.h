#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace erawise::transport {

struct HttpResponse;

/// A request body that is read piece by piece and can start over, since a redirect or a dead
/// connection asks for it a second time. Its size is known before the first byte is sent.
class BodySource {
  public:
    virtual ~BodySource() = default;
    [[nodiscard]] virtual std::uint64_t size() const = 0;
    virtual void rewind() = 0;

    /// Fills the front of `buffer`; returns the number of bytes, 0 at the end.
    virtual std::size_t read(std::span<char> buffer) = 0;
};

/// A file's bytes, streamed. Throws Error(disk) when it cannot be opened or read, or when it
/// becomes shorter meanwhile.
class FileBody final : public BodySource {
  public:
    explicit FileBody(std::filesystem::path path);
    ~FileBody() override;
    FileBody(const FileBody&) = delete;
    FileBody& operator=(const FileBody&) = delete;

    [[nodiscard]] std::uint64_t size() const override { return size_; }
    void rewind() override { position_ = 0; }
    std::size_t read(std::span<char> buffer) override;

  private:
    std::filesystem::path path_;
    int descriptor_;
    std::uint64_t size_ = 0;
    std::uint64_t position_ = 0;
};

/// Bytes in memory, borrowed.
class TextBody final : public BodySource {
  public:
    explicit TextBody(std::string_view text) : text_(text) {}

    [[nodiscard]] std::uint64_t size() const override { return text_.size(); }
    void rewind() override { position_ = 0; }
    std::size_t read(std::span<char> buffer) override;

  private:
    std::string_view text_;
    std::size_t position_ = 0;
};

/// What a sink says once it has seen the status and the headers.
enum class BodyWanted { yes, no };

/// Takes the body of a successful answer piece by piece. Exceptions end the transfer and reach the
/// caller of HttpClient::send().
class BodySink {
  public:
    virtual ~BodySink() = default;

    /// Called once, when the headers of a 2xx answer are there. `no` ends the transfer, which then
    /// counts as a success (HttpResponse::abandoned).
    virtual BodyWanted begin(const HttpResponse& head) = 0;
    virtual void write(std::string_view bytes) = 0;
};

}  // namespace erawise::transport
