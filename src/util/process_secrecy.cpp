#include "util/process_secrecy.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace erawise::util {

void protect_process_memory() noexcept {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

}  // namespace erawise::util
