#include "orrery/base/private_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orrery/base/io_error.h"

namespace orrery {

void make_private_file(const std::filesystem::path& file) {
  constexpr mode_t kOwnerOnly = S_IRUSR | S_IWUSR;
  const int descriptor = ::open(file.c_str(), O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, kOwnerOnly);
  if (descriptor < 0) throw io_error("make", file);
  const bool changed = ::fchmod(descriptor, kOwnerOnly) == 0;
  ::close(descriptor);
  if (!changed) throw io_error("change the rights of", file);
}

}  // namespace orrery
