#include "decode/random_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "util/error.h"

namespace erawise::decode {
namespace {

[[noreturn]] void fail(const std::string& name, std::string_view action, int error_number) {
    throw util::Error(util::ErrorKind::disk,
                      fmt::format("cannot {} {}: {}", action, name,
                                  std::generic_category().message(error_number)));
}

}  // namespace

RandomFile::RandomFile(std::filesystem::path path)
    : name_(path.string()), descriptor_(open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) {
        fail(name_, "open", errno);
    }
    struct stat status{};
    if (fstat(descriptor_, &status) != 0) {
        const int error_number = errno;
        close(descriptor_);
        fail(name_, "examine", error_number);
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
    posix_fadvise(descriptor_, 0, 0, POSIX_FADV_RANDOM);
}

RandomFile::~RandomFile() {
    close(descriptor_);
}

std::size_t RandomFile::read(std::uint64_t offset, std::span<char> buffer) const {
    std::size_t filled = 0;
    if (!is_cold_) {
        const iovec whole{buffer.data(), buffer.size()};
        const ssize_t count =
            preadv2(descriptor_, &whole, 1, static_cast<off_t>(offset), RWF_NOWAIT);
        if (count < 0 && errno == EAGAIN) {
            is_cold_ = true;  // for good: other threads may have read what was there
        }
        filled = count > 0 ? static_cast<std::size_t>(count) : 0;
    }
    while (filled < buffer.size()) {
        const ssize_t count = pread(descriptor_, buffer.data() + filled, buffer.size() - filled,
                                    static_cast<off_t>(offset + filled));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail(name_, "read", errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    return filled;
}

void RandomFile::will_need(std::uint64_t offset, std::uint64_t bytes) const noexcept {
    posix_fadvise(descriptor_, static_cast<off_t>(offset), static_cast<off_t>(bytes),
                  POSIX_FADV_WILLNEED);
}

}  // namespace erawise::decode
