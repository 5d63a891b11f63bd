#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

namespace erawise::util {

/// A file that appears under its name whole, or not at all.
///
/// Bytes go to a temporary file beside the target ("NAME.tmp.PID"); commit() flushes them to the
/// disk (fsync), renames, and flushes the folder. The destructor removes the temporary file when
/// commit() was not reached; what a killed process left behind is removed by the next one that
/// writes the same target, once a lock on it proves that nobody writes it. Errors are Error(disk)
/// with the path and the remedy.
class AtomicFile {
  public:
    explicit AtomicFile(std::filesystem::path target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    void write(std::string_view bytes);
    void commit();

    [[nodiscard]] const std::filesystem::path& target() const noexcept { return target_; }
    [[nodiscard]] std::size_t bytes_written() const noexcept { return bytes_written_; }

  private:
    [[noreturn]] void fail(std::string_view action) const;
    void open_temporary();

    std::filesystem::path target_;
    std::filesystem::path temporary_;
    int descriptor_ = -1;
    std::size_t bytes_written_ = 0;
};

/// The text as the whole of a file, through an AtomicFile.
void write_atomically(const std::filesystem::path& path, std::string_view text);

/// Flushes the folder's entries to the disk, so that a rename in it survives a power cut.
void sync_directory(const std::filesystem::path& directory);

/// The whole file as a string. Error(disk) when it cannot be read, or is larger than
/// `maximum_bytes` (these are for small files: config, keys, receipts).
std::string read_small_file(const std::filesystem::path& path, std::size_t maximum_bytes);

}  // namespace erawise::util
