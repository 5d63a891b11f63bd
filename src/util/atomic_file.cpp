#include "util/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::util {
namespace {

std::string remedy(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
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

}  // namespace

AtomicFile::AtomicFile(std::filesystem::path target)
    : target_(std::move(target)), temporary_(target_) {
    temporary_ += fmt::format(".tmp.{}", getpid());
    descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (descriptor_ < 0) {
        fail("create");
    }
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) {
        close(descriptor_);
        unlink(temporary_.c_str());
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
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0 || rename(temporary_.c_str(), target_.c_str()) != 0) {
        const int error_number = errno;
        unlink(temporary_.c_str());
        errno = error_number;
        fail("finish");
    }
    sync_directory(folder_of(target_));
}

void AtomicFile::fail(std::string_view action) const {
    const int error_number = errno;
    throw Error(ErrorKind::disk,
                fmt::format("cannot {} {}: {}{}", action, target_.string(),
                            std::generic_category().message(error_number), remedy(error_number)));
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
