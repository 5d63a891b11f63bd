#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace erawise::decode {

/// A temporary file without a name: it is gone when it is closed, however the program ends.
///
/// What is written goes to the disk early, and what was read is given back, so that hardly any of
/// it stays in a container's page cache. Errors: Error(disk), also for a folder in memory (tmpfs),
/// where the file would count against the cap. Used by one thread at a time.
class SpillFile {
  public:
    explicit SpillFile(const std::filesystem::path& folder);
    ~SpillFile();
    SpillFile(const SpillFile&) = delete;
    SpillFile& operator=(const SpillFile&) = delete;

    /// The parts one after the other. They are used up.
    void write(std::uint64_t offset, std::vector<iovec>& parts);
    /// Starts writing what is in the cache to the disk.
    void start_writing() const noexcept;

    /// Fills the parts one after the other. They are used up.
    void read(std::uint64_t offset, std::vector<iovec>& parts) const;
    /// Returns fewer bytes at the end of the file.
    std::size_t read(std::uint64_t offset, std::span<char> buffer) const;

    /// These bytes are not needed again.
    void discard(std::uint64_t offset, std::uint64_t bytes) const noexcept;

  private:
    std::filesystem::path folder_;
    int descriptor_ = -1;
};

/// Whether SpillFile could be made in this folder.
bool takes_spill_files(const std::filesystem::path& folder) noexcept;

}  // namespace erawise::decode
