#pragma once

#include <filesystem>
#include <string>

namespace orrery {

/// Keeps what belongs together for one program at a time: held by at most one, as long as the object lives,
/// and free again when its program ends, however it does.
class FileLock {
 public:
  /// Makes the file where it is not; its folder has to be there. `taken` is the message of the error while
  /// another program holds it. Errors: kUnavailable; kIo.
  FileLock(const std::filesystem::path& file, const std::string& taken);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace orrery
