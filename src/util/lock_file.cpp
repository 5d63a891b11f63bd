#include "util/lock_file.h"

#include <fcntl.h>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <system_error>

#include "util/error.h"
#include "util/printable.h"

namespace erawise::util {
namespace {

/// Of what a lock file says about its holder.
constexpr std::size_t kHolderBytes = 200;

std::string this_process() {
    std::array<char, 65> host{};
    gethostname(host.data(), host.size() - 1);
    const auto now =
        std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
    return fmt::format("process {} of {} since {:%Y-%m-%dT%H:%M:%SZ}\n", getpid(), host.data(),
                       now);
}

/// For people alone: a text that cannot be written is no reason to stop.
void sign(int descriptor) {
    const std::string text = this_process();
    if (ftruncate(descriptor, 0) == 0) {
        [[maybe_unused]] const auto written = pwrite(descriptor, text.data(), text.size(), 0);
    }
}

void warn_of_no_lock(const std::filesystem::path& file, int error_number) {
    spdlog::warn(
        "{} cannot be locked ({}): going on without, so that another run that starts now "
        "would not wait for the end of this one",
        file.string(), std::generic_category().message(error_number));
}

int open_lock(const std::filesystem::path& file) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    const bool forbidden = errno == EROFS || errno == EACCES || errno == EPERM;
    if (descriptor < 0 && !forbidden) {
        throw Error(ErrorKind::disk, fmt::format("cannot create {}: {}", file.string(),
                                                 std::generic_category().message(errno)));
    }
    return descriptor;
}

}  // namespace

FileLock lock_descriptor(int descriptor) noexcept {
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
        return FileLock::held;
    }
    return errno == EWOULDBLOCK ? FileLock::refused : FileLock::unknown;
}

bool is_same_file(int descriptor, const std::filesystem::path& file) noexcept {
    struct stat open_file{};
    struct stat named{};
    return fstat(descriptor, &open_file) == 0 && lstat(file.c_str(), &named) == 0 &&
           open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

std::optional<LockFile> LockFile::try_take(const std::filesystem::path& file) {
    while (true) {
        const int descriptor = open_lock(file);
        const FileLock state = descriptor < 0 ? FileLock::unknown : lock_descriptor(descriptor);
        if (state == FileLock::unknown) {
            warn_of_no_lock(file, errno);
        }
        if (state == FileLock::held && is_same_file(descriptor, file)) {
            sign(descriptor);
            return LockFile(file, descriptor);
        }
        if (descriptor >= 0) {
            close(descriptor);  // but the file stays: it is the holder's to remove
        }
        if (state == FileLock::unknown) {
            return LockFile(file, -1);
        }
        if (state == FileLock::refused) {
            return std::nullopt;
        }
    }
}

std::string LockFile::holder_of(const std::filesystem::path& file) {
    std::string text(kHolderBytes, '\0');
    std::ifstream stream(file, std::ios::binary);
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(stream.gcount()));
    text = text.substr(0, text.find('\n'));
    return text.starts_with("process ") ? printable(text, LineBreaks::replace)
                                        : "which one is not known";
}

LockFile::~LockFile() {
    if (descriptor_ >= 0) {
        unlink(file_.c_str());
        close(descriptor_);
    }
}

}  // namespace erawise::util
