#include "acquire/part_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "util/atomic_file.h"
#include "util/error.h"

namespace erawise::acquire {
namespace {

namespace fs = std::filesystem;

fs::path part_path(const fs::path& target) {
    fs::path path = target;
    path += ".part";
    return path;
}

void make_folders(const fs::path& folder) {
    std::error_code status;
    fs::create_directories(folder, status);
    if (status) {
        throw util::Error(util::ErrorKind::disk,
                          fmt::format("cannot create the folder {}: {}; choose another one with "
                                      "--directory or ERAWISE_DATA_DIRECTORY",
                                      folder.string(), status.message()));
    }
}

/// Differs from one start of the machine to the next; empty where the kernel does not tell.
std::string current_boot_id() {
    try {
        return util::read_small_file("/proc/sys/kernel/random/boot_id", 64);
    } catch (const util::Error&) {
        return {};
    }
}

/// If-Range wants a strong one (RFC 9110, section 13.1.5).
bool is_strong(std::string_view etag) {
    return !etag.empty() && !etag.starts_with("W/");
}

}  // namespace

PartFile::PartFile(fs::path target, DownloadRecord record)
    : target_(std::move(target)), part_(part_path(target_)), record_(std::move(record)) {
    make_folders(target_.parent_path());
    remove_record(part_);
    open_part(0);
    record_.boot_id = current_boot_id();
    if (is_strong(record_.etag) && !record_.boot_id.empty()) {
        write_record(part_, record_);
        has_record_ = true;
    }
}

PartFile::PartFile(fs::path target, ResumePoint point)
    : target_(std::move(target)),
      part_(part_path(target_)),
      record_(std::move(point.record)),
      size_(point.offset),
      has_record_(true) {
    open_part(point.offset);
}

void PartFile::open_part(std::uint64_t keep_bytes) {
    descriptor_ = open(part_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (descriptor_ < 0) {
        fail("create");
    }
    const auto offset = static_cast<off_t>(keep_bytes);
    if (ftruncate(descriptor_, offset) != 0 || lseek(descriptor_, offset, SEEK_SET) != offset) {
        close(std::exchange(descriptor_, -1));
        fail("prepare");
    }
}

PartFile::~PartFile() {
    if (descriptor_ < 0) {
        return;
    }
    close(descriptor_);
    if (!kept_) {
        remove_part(target_);
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
        size_ += static_cast<std::uint64_t>(written);
    }
}

void PartFile::commit() {
    if (fsync(descriptor_) != 0) {
        fail("flush");
    }
    if (!has_record_) {
        write_record(part_, record_);
    }
    remove_record(target_);
    if (rename(part_.c_str(), target_.c_str()) != 0 ||
        rename(record_path(part_).c_str(), record_path(target_).c_str()) != 0) {
        fail("rename");
    }
    close(std::exchange(descriptor_, -1));
    util::sync_directory(target_.parent_path());
}

void PartFile::fail(std::string_view action) const {
    const int error_number = errno;
    const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
    throw util::Error(util::ErrorKind::disk,
                      fmt::format("cannot {} {}: {}; {}", action, part_.string(),
                                  std::generic_category().message(error_number),
                                  full ? "free some space, or choose another folder"
                                       : "make the folder writable for this user"));
}

std::optional<ResumePoint> find_resume_point(const fs::path& target, std::string_view object_key) {
    const fs::path part = part_path(target);
    std::error_code status;
    const auto size = fs::file_size(part, status);
    auto record = load_record(record_path(part));
    if (status || !record || size == 0 || record->length == 0 || record->object_key != object_key ||
        record->boot_id != current_boot_id()) {
        return std::nullopt;
    }
    // Of a part that is complete the last byte is asked for again: whether the object is still the
    // same is known by the answer, and a range of no bytes cannot be asked for.
    return ResumePoint{std::min<std::uint64_t>(size, record->length - 1), *std::move(record)};
}

void remove_part(const fs::path& target) noexcept {
    const fs::path part = part_path(target);
    unlink(record_path(part).c_str());  // first: a record without its part means a commit
    unlink(part.c_str());
}

void finish_interrupted_commit(const fs::path& target) {
    const fs::path part = part_path(target);
    std::error_code status;
    const auto record = load_record(record_path(part));
    if (!record || fs::exists(part, status) || fs::exists(record_path(target), status)) {
        return;
    }
    if (fs::file_size(target, status) == record->length && !status) {
        rename(record_path(part).c_str(), record_path(target).c_str());
    } else {
        remove_part(target);
    }
}

}  // namespace erawise::acquire
