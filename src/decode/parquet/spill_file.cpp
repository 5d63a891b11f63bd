#include "decode/parquet/spill_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <string>
#include <system_error>

#include "util/error.h"

namespace erawise::decode {
namespace {

[[noreturn]] void fail(const std::filesystem::path& folder, std::string_view action,
                       int error_number) {
    throw util::Error(
        util::ErrorKind::disk,
        fmt::format("cannot {} a temporary file in {}: {}; --work-directory chooses another folder",
                    action, folder.string(), std::generic_category().message(error_number)));
}

/// File systems without unnamed files have a name for a moment.
int open_and_unlink(const std::filesystem::path& folder) {
    std::string name = (folder / ".erawise-spill-XXXXXX").string();
    const int descriptor = mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) {
        unlink(name.c_str());
    }
    return descriptor;
}

/// Calls `transfer` (preadv, pwritev) until all parts are done. False at the end of the file.
template <typename Transfer>
bool transfer_all(std::uint64_t offset, std::vector<iovec>& parts, Transfer&& transfer) {
    std::size_t next = 0;
    while (next < parts.size()) {
        const std::size_t count = std::min<std::size_t>(parts.size() - next, IOV_MAX);
        const ssize_t result =
            transfer(parts.data() + next, static_cast<int>(count), static_cast<off_t>(offset));
        if (result < 0 && errno == EINTR) {
            continue;
        }
        if (result <= 0) {
            return false;
        }
        offset += static_cast<std::uint64_t>(result);
        auto left = static_cast<std::size_t>(result);
        while (next < parts.size() && left >= parts[next].iov_len) {
            left -= parts[next++].iov_len;
        }
        if (left > 0) {
            parts[next].iov_base = static_cast<char*>(parts[next].iov_base) + left;
            parts[next].iov_len -= left;
        }
    }
    return true;
}

}  // namespace

SpillFile::SpillFile(const std::filesystem::path& folder) : folder_(folder) {
    struct statfs status{};
    if (statfs(folder_.c_str(), &status) != 0) {
        fail(folder_, "make", errno);
    }
    if (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC) {
        throw util::Error(
            util::ErrorKind::disk,
            fmt::format("{} is in memory (tmpfs): a temporary file there would count against the "
                        "memory cap; --work-directory chooses a folder on a disk",
                        folder_.string()));
    }
    descriptor_ = open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (descriptor_ < 0) {
        descriptor_ = open_and_unlink(folder_);
    }
    if (descriptor_ < 0) {
        fail(folder_, "make", errno);
    }
    posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
}

bool takes_spill_files(const std::filesystem::path& folder) noexcept {
    try {
        const SpillFile file(folder);
        return true;
    } catch (const util::Error&) {
        return false;
    }
}

SpillFile::~SpillFile() {
    close(descriptor_);
}

void SpillFile::write(std::uint64_t offset, std::vector<iovec>& parts) {
    errno = ENOSPC;
    if (!transfer_all(offset, parts, [this](const iovec* part, int count, off_t at) {
            return pwritev(descriptor_, part, count, at);
        })) {
        fail(folder_, "write to", errno);
    }
}

void SpillFile::start_writing() const noexcept {
    sync_file_range(descriptor_, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void SpillFile::read(std::uint64_t offset, std::vector<iovec>& parts) const {
    errno = EIO;
    if (!transfer_all(offset, parts, [this](const iovec* part, int count, off_t at) {
            return preadv(descriptor_, part, count, at);
        })) {
        fail(folder_, "read", errno);
    }
}

std::size_t SpillFile::read(std::uint64_t offset, std::span<char> buffer) const {
    while (true) {
        const ssize_t count =
            pread(descriptor_, buffer.data(), buffer.size(), static_cast<off_t>(offset));
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            fail(folder_, "read", errno);
        }
    }
}

void SpillFile::discard(std::uint64_t offset, std::uint64_t bytes) const noexcept {
    fallocate(descriptor_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
              static_cast<off_t>(bytes));
}

}  // namespace erawise::decode
