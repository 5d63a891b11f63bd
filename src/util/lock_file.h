#pragma once

#include <filesystem>
#include <optional>
#include <utility>

namespace erawise::util {

/// A lock between processes of this machine: whoever holds the file does the work, the others wait.
///
/// The kernel releases it with the process, however that ends; a file that is left behind by a
/// killed process is taken like any other. Move-only. The file is removed on release.
class LockFile {
  public:
    /// Takes the lock; empty when another process holds it. A folder that nobody may write to has
    /// nothing to protect: its lock is always granted. Error(disk) when the file cannot be made for
    /// another reason.
    static std::optional<LockFile> try_take(const std::filesystem::path& file);

    ~LockFile();
    LockFile(LockFile&& other) noexcept
        : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}
    LockFile& operator=(LockFile&& other) noexcept {
        std::swap(file_, other.file_);
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }

  private:
    LockFile(std::filesystem::path file, int descriptor)
        : file_(std::move(file)), descriptor_(descriptor) {}

    std::filesystem::path file_;
    int descriptor_ = -1;  ///< -1: nothing is held
};

/// Whether `descriptor` could be locked for this process alone. Where a file system knows no locks,
/// it counts as locked.
enum class FileLock { held, refused };
FileLock lock_descriptor(int descriptor) noexcept;

/// Whether `file` still is the open file of `descriptor`: it may have been removed or replaced
/// between open() and the lock.
bool is_same_file(int descriptor, const std::filesystem::path& file) noexcept;

}  // namespace erawise::util
