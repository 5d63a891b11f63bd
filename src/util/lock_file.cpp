#include "util/lock_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "util/error.h"

namespace erawise::util {

FileLock lock_descriptor(int descriptor) noexcept {
    const bool refused = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    return refused ? FileLock::refused : FileLock::held;
}

bool is_same_file(int descriptor, const std::filesystem::path& file) noexcept {
    struct stat open_file{};
    struct stat named{};
    return fstat(descriptor, &open_file) == 0 && lstat(file.c_str(), &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

std::optional<LockFile> LockFile::try_take(const std::filesystem::path& file) {
    while (true) {
        const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
        if (descriptor < 0 && (errno == EROFS || errno == EACCES || errno == EPERM)) {
            return LockFile(file, -1);
        }
        if (descriptor < 0) {
            throw Error(ErrorKind::disk, fmt::format("cannot create {}: {}", file.string(),
                                                     std::generic_category().message(errno)));
        }
        LockFile lock(file, descriptor);
        if (lock_descriptor(descriptor) == FileLock::refused) {
            close(std::exchange(lock.descriptor_, -1));  // the file is the other's to remove
            return std::nullopt;
        }
        if (is_same_file(descriptor, file)) {
            return lock;
        }
        close(std::exchange(lock.descriptor_, -1));  // its holder removed it meanwhile
    }
}

LockFile::~LockFile() {
    if (descriptor_ >= 0) {
        unlink(file_.c_str());
        close(descriptor_);
    }
}

}  // namespace erawise::util
