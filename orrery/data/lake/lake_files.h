#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/base/timestamp.h"

namespace orrery {

struct StoredFile {
  std::string path;  ///< below the root, with '/'
  std::uint64_t size = 0;
  Timestamp modified;
};

/// Where a lake's files lie: a folder of a disk, or a bucket. Paths are relative to its root, with
/// '/'. A file appears whole or not at all and is never changed in place; what a call has returned outlives a
/// power failure. Safe to use from several threads; several processes may use one root at once.
class LakeFiles {
 public:
  virtual ~LakeFiles() = default;
  /// Returns where a path lies, for messages.
  virtual std::string location(const std::string& path) const = 0;
  /// Returns every file below a folder, in no certain order; nothing where there is no such folder.
  virtual std::vector<StoredFile> list(const std::string& folder) = 0;
  /// Returns the names of the folders in a folder, in no certain order.
  virtual std::vector<std::string> folders(const std::string& folder) = 0;
  /// Opens a file, or returns nullptr where there is none. Errors: kIo.
  virtual std::unique_ptr<OpenFile> open(const std::string& path) = 0;
  /// Writes a file, over one that may be there. Errors: kIo.
  virtual void write(const std::string& path, std::string_view content) = 0;
  /// Writes a file unless there is one of that name, and returns whether it did. Of several writers at once
  /// exactly one does. The content must be one that no other writer has, where it matters who did.
  /// Errors: kIo.
  virtual bool put_if_absent(const std::string& path, std::string_view content) = 0;
  /// Removes a file; nothing happens where there is none. Errors: kIo.
  virtual void remove(const std::string& path) = 0;

  /// Reads a whole file, or nothing where there is none. Errors: kIo.
  std::optional<std::string> read(const std::string& path);
};

/// The files of a folder, which need not exist before the first write. `disk` must outlive the result.
std::unique_ptr<LakeFiles> folder_files(std::filesystem::path root, Disk& disk = local_disk());

}  // namespace orrery
