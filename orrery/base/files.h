#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace orrery {

/// Errors: kNotFound where there is no such file or folder.
void require_file(const std::filesystem::path& path);

/// Reads a whole file. Errors: kNotFound, kIo.
std::string read_file(const std::filesystem::path& path);

/// Reads the last bytes of a file, at most so many, for who is shown a log: they may begin within a line or a
/// character. "" where it can't be read.
std::string read_file_end(const std::filesystem::path& path, std::size_t most_bytes);

/// Writes a file so that it appears whole or not at all: temporary file beside it, fsync, rename, fsync of
/// the folder. Errors: kIo, with the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

/// While one lives, files and folders that this thread commits still appear whole to every process, but are
/// not flushed to the disk: for files that are written again after a power failure, or flushed together
/// later.
class DeferredSync {
 public:
  DeferredSync();
  ~DeferredSync();
  DeferredSync(const DeferredSync&) = delete;
  DeferredSync& operator=(const DeferredSync&) = delete;
};

/// Flushes a written file, or a folder's entries, to the disk. Errors: kIo.
void sync_path(const std::filesystem::path& path);

/// A file that appears whole or not at all, for writers that need a path of their own: write to `staging()`,
/// a hidden sibling of the target; `commit()` flushes it and renames it into place. Without a commit the
/// destructor removes it.
class FileTransaction {
 public:
  explicit FileTransaction(std::filesystem::path target);
  ~FileTransaction();
  FileTransaction(const FileTransaction&) = delete;
  FileTransaction& operator=(const FileTransaction&) = delete;

  const std::filesystem::path& staging() const { return staging_; }
  /// Errors: kIo.
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path staging_;
  bool committed_ = false;
};

/// A folder that appears whole or not at all. Files are written under `staging()`, a hidden sibling of the
/// target; `commit()` syncs them and renames the folder into place. Without a commit the destructor removes
/// it.
class FolderTransaction {
 public:
  /// Errors: kAlreadyExists when `target` exists and `replace` is false.
  FolderTransaction(std::filesystem::path target, bool replace);
  ~FolderTransaction();
  FolderTransaction(const FolderTransaction&) = delete;
  FolderTransaction& operator=(const FolderTransaction&) = delete;

  const std::filesystem::path& staging() const { return staging_; }
  void commit();

 private:
  std::filesystem::path target_;
  std::filesystem::path staging_;
  bool replace_;
  bool committed_ = false;
};

}  // namespace orrery
