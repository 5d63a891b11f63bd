#pragma once

#include <dlfcn.h>
#include <fmt/format.h>

#include "util/error.h"

namespace erawise::util {

/// A shared library that is opened at run time, and never closed: its threads' local data must not
/// lose their destructors.
class SharedLibrary {
  public:
    /// Error(disk) where it cannot be opened; `remedy` says what to install. Both texts stay.
    SharedLibrary(const char* name, const char* remedy)
        : name_(name), handle_(dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
        if (handle_ == nullptr) {
            throw Error(ErrorKind::disk,
                        fmt::format("cannot open {}: {}; {}", name, dlerror(), remedy));
        }
    }

    /// Sets `function` to the library's function of that name. Error(bug) when it has none.
    template <typename Function>
    void look_up(const char* name, Function& function) const {
        function = reinterpret_cast<Function>(dlsym(handle_, name));
        if (function == nullptr) {
            throw Error(ErrorKind::bug, fmt::format("{} has no function {}", name_, name));
        }
    }

  private:
    const char* name_;
    void* handle_;
};

}  // namespace erawise::util
