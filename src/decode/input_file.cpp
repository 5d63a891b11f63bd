#include "decode/input_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>

#include "decode/byte_source.h"
#include "util/byte_size.h"
#include "util/error.h"

namespace erawise::decode {
namespace {

constexpr std::uint64_t kDropEvery = 4 * util::kMiB;

[[noreturn]] void fail(const std::filesystem::path& path, std::string_view action,
                       int error_number) {
    throw util::Error(util::ErrorKind::disk,
                      fmt::format("cannot {} {}: {}", action, path.string(),
                                  std::generic_category().message(error_number)));
}

class PlainFile final : public ByteSource {
  public:
    explicit PlainFile(const std::filesystem::path& path) : file_(path) {}

    std::size_t read(std::span<char> buffer) override { return file_.read(buffer); }
    std::uint64_t consumed_bytes() const override { return file_.consumed_bytes(); }
    std::uint64_t memory_bytes() const override { return 0; }

  private:
    InputFile file_;
};

}  // namespace

InputFile::InputFile(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (descriptor_ < 0) {
        fail(path_, "open", errno);
    }
    struct stat status{};
    if (fstat(descriptor_, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(descriptor_);
        fail(path_, "read", EISDIR);
    }
    posix_fadvise(descriptor_, 0, 0, POSIX_FADV_SEQUENTIAL);
}

InputFile::~InputFile() {
    close(descriptor_);
}

std::size_t InputFile::read(std::span<char> buffer) {
    std::size_t filled = 0;
    while (filled < buffer.size()) {
        const ssize_t count = ::read(descriptor_, buffer.data() + filled, buffer.size() - filled);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count < 0) {
            fail(path_, "read", errno);
        }
        if (count == 0) {
            break;
        }
        filled += static_cast<std::size_t>(count);
    }
    const std::uint64_t consumed = consumed_.load() + filled;
    consumed_.store(consumed);
    if (consumed - dropped_ >= kDropEvery) {
        posix_fadvise(descriptor_, static_cast<off_t>(dropped_),
                      static_cast<off_t>(consumed - dropped_), POSIX_FADV_DONTNEED);
        dropped_ = consumed;
    }
    return filled;
}

std::unique_ptr<ByteSource> open_plain_file(const std::filesystem::path& path) {
    return std::make_unique<PlainFile>(path);
}

}  // namespace erawise::decode
