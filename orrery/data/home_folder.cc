#include "orrery/data/home_folder.h"

#include <cstdlib>

#include "orrery/base/error.h"

namespace orrery {

std::filesystem::path home_folder() {
  if (const char* own = std::getenv("ORRERY_HOME"); own != nullptr && *own != '\0') return own;
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    throw user_error(ErrorCode::kNotFound,
                     "no folder for the trial ledger and the registered models: set ORRERY_HOME");
  }
  return std::filesystem::path(home) / ".local/share/orrery";
}

}  // namespace orrery
