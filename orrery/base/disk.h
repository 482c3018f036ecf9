#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/timestamp.h"

namespace orrery {

/// A file or folder that a folder holds.
struct DiskEntry {
  std::string name;  ///< within its folder
  bool is_folder = false;
  std::uint64_t size = 0;  ///< bytes; 0 for folders
  Timestamp modified;
};

/// A file that is open for reading. Several threads may read at once.
class OpenFile {
 public:
  virtual ~OpenFile() = default;
  virtual std::uint64_t size() const = 0;
  /// Reads up to `into.size()` bytes from `offset` and returns how many there were; fewer only at the end.
  /// Errors: kIo.
  virtual std::size_t read_at(std::uint64_t offset, std::span<char> into) const = 0;
  /// Whether each read is a journey over a network, so that a few long reads beat many short ones.
  virtual bool is_distant() const { return false; }
};

/// A file that only grows, at its end. One thread.
class AppendFile {
 public:
  virtual ~AppendFile() = default;
  /// Errors: kIo; part of the bytes may then be in the file.
  virtual void append(std::string_view bytes) = 0;
  /// Flushes what was appended. Errors: kIo.
  virtual void sync() = 0;
};

/// The steps by which files come to a disk, one call of the operating system each, so that a test can stop
/// after any of them and drop what was not flushed. Nothing written or named is sure to outlive a power
/// failure before `sync` of the file and then of its folder has returned.
/// Safe to use from several threads.
class Disk {
 public:
  virtual ~Disk() = default;
  /// Makes a file with this content, in place of one that may be there. Errors: kIo.
  virtual void write(const std::filesystem::path& path, std::string_view content) = 0;
  /// Flushes a file's content, or a folder's entries. Errors: kIo.
  virtual void sync(const std::filesystem::path& path) = 0;
  /// Gives a file a second name; returns false where that name is taken already. Errors: kIo.
  virtual bool link(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Moves a file, over one that may be there. Errors: kIo.
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Removes a file; nothing happens where there is none. Errors: kIo.
  virtual void remove(const std::filesystem::path& path) = 0;
  /// Makes one folder; returns false where it was there already. Errors: kIo.
  virtual bool make_folder(const std::filesystem::path& path) = 0;
  /// Returns what a folder holds, in no certain order; nothing where there is no such folder. Errors: kIo.
  virtual std::vector<DiskEntry> list(const std::filesystem::path& folder) = 0;
  /// Opens a file, or returns nullptr where there is none. Errors: kIo.
  virtual std::unique_ptr<OpenFile> open(const std::filesystem::path& path) = 0;
  /// Opens a file to append to it, or makes one; what it holds beyond its first `keep` bytes is cut off.
  /// Errors: kIo.
  virtual std::unique_ptr<AppendFile> append_to(const std::filesystem::path& path, std::uint64_t keep) = 0;
};

/// The machine's own disks.
Disk& local_disk();

}  // namespace orrery
