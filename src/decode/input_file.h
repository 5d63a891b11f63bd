#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace erawise::decode {

/// A file that is opened for reading once, from front to back. Errors are Error(disk).
///
/// What was read is dropped from the page cache as the reader goes on: a file that is read once
/// must not fill a container's memory.
class InputFile {
  public:
    explicit InputFile(std::filesystem::path path);
    ~InputFile();
    InputFile(const InputFile&) = delete;
    InputFile& operator=(const InputFile&) = delete;

    /// Fewer bytes than asked for only at the end of the file.
    std::size_t read(std::span<char> buffer);

    [[nodiscard]] std::uint64_t consumed_bytes() const noexcept { return consumed_.load(); }
    [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

  private:
    std::filesystem::path path_;
    int descriptor_;
    std::atomic<std::uint64_t> consumed_{0};
    std::uint64_t dropped_ = 0;
};

}  // namespace erawise::decode
