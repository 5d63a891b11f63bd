#include "transport/http_body.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "util/error.h"

namespace erawise::transport {
namespace {

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view why) {
    throw util::Error(util::ErrorKind::disk, fmt::format("cannot read {}: {}", path.string(), why));
}

}  // namespace

FileBody::FileBody(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    struct stat status{};
    if (descriptor_ < 0 || fstat(descriptor_, &status) != 0) {
        const int error_number = errno;
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
        fail(path_, std::generic_category().message(error_number));
    }
    if (!S_ISREG(status.st_mode)) {
        close(descriptor_);
        fail(path_, "it is not a regular file");
    }
    size_ = static_cast<std::uint64_t>(status.st_size);
}

FileBody::~FileBody() {
    close(descriptor_);
}

std::size_t FileBody::read(std::span<char> buffer) {
    const std::size_t wanted = std::min<std::uint64_t>(buffer.size(), size_ - position_);
    if (wanted == 0) {
        return 0;
    }
    ssize_t got = -1;
    do {
        got = pread(descriptor_, buffer.data(), wanted, static_cast<off_t>(position_));
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        fail(path_, std::generic_category().message(errno));
    }
    if (got == 0) {
        fail(path_, "it became shorter while it was read");
    }
    position_ += static_cast<std::uint64_t>(got);
    return static_cast<std::size_t>(got);
}

std::size_t TextBody::read(std::span<char> buffer) {
    const std::size_t count = std::min(buffer.size(), text_.size() - position_);
    std::memcpy(buffer.data(), text_.data() + position_, count);
    position_ += count;
    return count;
}

}  // namespace erawise::transport
