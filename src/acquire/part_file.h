#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace erawise::acquire {

/// A download in progress: TARGET.part, which becomes TARGET when commit() has seen it whole on the
/// disk. A stale .part is overwritten; the destructor removes one that was not committed.
/// Errors are Error(disk) with the path and the remedy.
class PartFile {
  public:
    /// Makes the folders on the way, then the file.
    explicit PartFile(std::filesystem::path target);
    ~PartFile();
    PartFile(const PartFile&) = delete;
    PartFile& operator=(const PartFile&) = delete;

    void write(std::string_view bytes);

    /// fsync, rename, fsync of the folder.
    void commit();

    [[nodiscard]] std::uint64_t bytes_written() const noexcept { return bytes_written_; }

  private:
    [[noreturn]] void fail(std::string_view action) const;

    std::filesystem::path target_;
    std::filesystem::path part_;
    int descriptor_ = -1;
    std::uint64_t bytes_written_ = 0;
};

}  // namespace erawise::acquire
