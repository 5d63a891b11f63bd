#include "acquire/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

void make_folders(const std::filesystem::path& folder) {
    std::error_code status;
    std::filesystem::create_directories(folder, status);
    if (status) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot create the folder {}: {}; choose another one with "
                                      "--directory or ERAWISE_DATA_DIRECTORY",
                                      folder.string(), status.message()));
    }
}

}  // namespace

PartFile::PartFile(std::filesystem::path target) : target_(std::move(target)), part_(target_) {
    part_ += ".part";
    make_folders(target_.parent_path());
    descriptor_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor_ < 0) {
        fail("create");
    }
}

PartFile::~PartFile() {
    if (descriptor_ >= 0) {
        close(descriptor_);
        unlink(part_.c_str());
    }
}

void PartFile::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written < 0) {
            fail("write");
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
        bytes_written_ += static_cast<std::uint64_t>(written);
    }
}

void PartFile::commit() {
    if (fsync(descriptor_) != 0) {
        fail("flush");
    }
    if (rename(part_.c_str(), target_.c_str()) != 0) {
        fail("rename");
    }
    close(descriptor_);
    descriptor_ = -1;
    util::sync_directory(target_.parent_path());
}

void PartFile::fail(std::string_view action) const {
    const int error_number = errno;
    const bool full = error_number == ENOSPC || error_number == EDQUOT;
    throw util::Error(util::ErrorKind::disk,
                      fmt::format("cannot {} {}: {}; {}", action, part_.string(),
                                  std::generic_category().message(error_number),
                                  full ? "free some space, or choose another folder"
                                       : "make the folder writable for this user"));
}

}  // namespace erawise::acquire
