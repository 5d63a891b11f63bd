#include "util/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

#include "util/byte_size.h"
#include "util/error.h"
#include "util/lock_file.h"

namespace erawise::util {
namespace {

std::string remedy(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return "; free some space, or choose another folder";
        case EACCES:
        case EPERM:
        case EROFS:
            return "; make the folder writable for this user, or choose another one";
        case ENOENT:
            return "; create the folder first";
        default:
            return "";
    }
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

/// Removes a temporary file whose process is gone: only a lock that could be taken proves it.
void remove_unless_locked(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) {
        return;
    }
    const FileLock state = lock_descriptor(descriptor);
    if (state == FileLock::held) {
        unlink(file.c_str());
    } else if (state == FileLock::unknown) {
        spdlog::warn(
            "{} may be of a run that was killed, or of one that is at work, which its file "
            "system does not tell ({}): remove it when no run is at work",
            file.string(), std::generic_category().message(errno));
    }
    close(descriptor);
}

/// Removes temporary files of the target whose process is gone: those that nobody has locked. The
/// process number in the name would not tell, since containers number theirs alike.
void remove_leftovers(const std::filesystem::path& target) {
    const std::string prefix = target.filename().string() + ".tmp.";
    std::error_code status;
    for (std::filesystem::directory_iterator entry(folder_of(target), status), end;
         !status && entry != end; entry.increment(status)) {
        if (entry->path().filename().string().starts_with(prefix)) {
            remove_unless_locked(entry->path());
        }
    }
}

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target) : target_(std::move(target)) {
    remove_leftovers(target_);
    for (unsigned number = 0; descriptor_ < 0; ++number) {
        temporary_ = target_;
        temporary_ += fmt::format(".tmp.{}", getpid());
        temporary_ += number > 0 ? fmt::format(".{}", number) : "";
        open_temporary();
    }
}

/// Makes and locks the temporary file; none where a process of the same number has the name, or
/// another one took the file for left behind before it was locked.
void AtomicFile::open_temporary() {
    descriptor_ =
        open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor_ < 0 && errno != EEXIST) {
        fail("create");
    }
    if (descriptor_ < 0) {
        return;
    }
    const bool is_lost = lock_descriptor(descriptor_) == FileLock::refused;
    if (is_lost || !is_same_file(descriptor_, temporary_)) {
        close(std::exchange(descriptor_, -1));
    }
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) {
        unlink(temporary_.c_str());
        close(descriptor_);
    }
}

void AtomicFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) {
                continue;
            }
            fail("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        bytes_written_ += static_cast<std::size_t>(written);
    }
}

void AtomicFile::commit() {
    if (fsync(descriptor_) != 0) {
        fail("flush");
    }
    if (rename(temporary_.c_str(), target_.c_str()) != 0) {
        fail("finish");
    }
    close(std::exchange(descriptor_, -1));  // the lock goes last
    sync_directory(folder_of(target_));
}

void AtomicFile::fail(std::string_view action) const {
    const int error_number = errno;
    throw Error(ErrorKind::disk,
                fmt::format("cannot {} {}: {}{}", action, target_.string(),
                            std::generic_category().message(error_number), remedy(error_number)));
}

void write_atomically(const std::filesystem::path& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

void sync_directory(const std::filesystem::path& directory) {
    const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) {
        return;  // a folder that may be written but not read: the rename itself has succeeded
    }
    fsync(descriptor);
    close(descriptor);
}

std::string read_small_file(const std::filesystem::path& path, std::size_t maximum_bytes) {
    std::ifstream file(path, std::ios::binary);
    std::error_code status;
    if (!file || std::filesystem::is_directory(path, status)) {
        throw Error(ErrorKind::disk,
                    fmt::format("cannot read {}: {}", path.string(),
                                std::generic_category().message(errno != 0 ? errno : EISDIR)));
    }
    std::string text;
    text.resize(maximum_bytes + 1);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (text.size() > maximum_bytes) {
        throw Error(ErrorKind::disk, fmt::format("{} is larger than {}, which is too large here",
                                                 path.string(), format_byte_size(maximum_bytes)));
    }
    return text;
}

}  // namespace erawise::util
