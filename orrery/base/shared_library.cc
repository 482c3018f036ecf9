#include "orrery/base/shared_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {

SharedLibrary::SharedLibrary(const std::string& file_name)
    : file_name_(file_name), handle_(dlopen(file_name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
  if (handle_ == nullptr) {
    throw external_error(ErrorCode::kUnavailable, fmt::format("can't load {}: {}", file_name, dlerror()));
  }
}

void* SharedLibrary::address(const std::string& name) const {
  void* found = dlsym(handle_, name.c_str());
  if (found != nullptr) return found;
  throw external_error(ErrorCode::kUnavailable, fmt::format("{} has no function {}", file_name_, name));
}

}  // namespace orrery
