#include "orrery/base/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "orrery/base/error.h"
#include "orrery/base/io_error.h"

namespace orrery {

FileLock::FileLock(const std::filesystem::path& file, const std::string& taken)
    : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644)) {
  if (descriptor_ < 0) throw io_error("create", file);
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) == 0) return;
  const bool is_taken = errno == EWOULDBLOCK;
  const Error failure = io_error("lock", file);
  ::close(descriptor_);
  if (is_taken) throw user_error(ErrorCode::kUnavailable, taken);
  throw failure;
}

FileLock::~FileLock() { ::close(descriptor_); }

}  // namespace orrery
