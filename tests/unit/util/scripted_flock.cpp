#include "util/scripted_flock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

namespace {

std::optional<erawise::test::ScriptedFlock::Server> scripted;

}  // namespace

namespace erawise::test {

ScriptedFlock::ScriptedFlock(Server server) {
    scripted = server;
}

ScriptedFlock::~ScriptedFlock() {
    scripted.reset();
}

}  // namespace erawise::test

/// Takes the place of the C library's in this program.
extern "C" int flock(int descriptor, int operation) noexcept {
    using Server = erawise::test::ScriptedFlock::Server;
    const bool read_only = (fcntl(descriptor, F_GETFL) & O_ACCMODE) == O_RDONLY;
    if (scripted == Server::without_locks || (scripted == Server::nfs && read_only)) {
        errno = scripted == Server::nfs ? EBADF : ENOLCK;
        return -1;
    }
    return static_cast<int>(syscall(SYS_flock, descriptor, operation));
}
