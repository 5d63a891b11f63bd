#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace erawise::decode {

/// A file that is read in any order. Read-ahead of the kernel is off: what is read is what was
/// asked for, so that a container's page cache holds nothing that nobody wants.
///
/// Any number of threads may read at the same time. Errors: Error(disk).
class RandomFile {
  public:
    explicit RandomFile(std::filesystem::path path);
    ~RandomFile();
    RandomFile(const RandomFile&) = delete;
    RandomFile& operator=(const RandomFile&) = delete;

    /// Fills `buffer` with the bytes from `offset` on; returns how many there are before the end.
    std::size_t read(std::uint64_t offset, std::span<char> buffer) const;

    /// True once a read had to wait for the disk: will_need() is worth its call then.
    [[nodiscard]] bool is_cold() const noexcept { return is_cold_; }

    /// Asks the kernel to have these bytes ready soon.
    void will_need(std::uint64_t offset, std::uint64_t bytes) const noexcept;

    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    [[nodiscard]] const std::string& name() const noexcept { return name_; }

  private:
    std::string name_;
    int descriptor_;
    std::uint64_t size_ = 0;
    mutable std::atomic<bool> is_cold_ = false;
};

}  // namespace erawise::decode
