#pragma once

#include <sqlite3.h>

#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "testing/crashing_disk.h"

namespace orrery::testing {

/// Lets SQLite keep its files on a CrashingDisk, so that databases lose power with everything else. While one
/// lives, `name()` names it where a database is opened. One at a time, one thread.
class CrashingSqlite {
 public:
  explicit CrashingSqlite(CrashingDisk& disk) {
    disk_of_all() = &disk;
    shared_of_all().clear();
    file_system_ = *sqlite3_vfs_find(nullptr);
    file_system_.iVersion = 1;
    file_system_.szOsFile = sizeof(File);
    file_system_.zName = name();
    file_system_.xOpen = open;
    file_system_.xDelete = remove;
    file_system_.xAccess = access;
    file_system_.xFullPathname = full_path;
    sqlite3_vfs_register(&file_system_, 0);
  }
  ~CrashingSqlite() { sqlite3_vfs_unregister(&file_system_); }
  CrashingSqlite(const CrashingSqlite&) = delete;
  CrashingSqlite& operator=(const CrashingSqlite&) = delete;

  static const char* name() { return "crashing"; }
  /// What processes share goes with them.
  static void restart() { shared_of_all().clear(); }

 private:
  using Pages = std::vector<std::unique_ptr<std::vector<char>>>;

  struct File {
    sqlite3_file base;
    std::string* path;
  };

  static CrashingDisk*& disk_of_all() {
    static CrashingDisk* disk = nullptr;
    return disk;
  }
  static CrashingDisk& disk() { return *disk_of_all(); }
  /// The memory that the processes at a database share, by its path.
  static std::map<std::string, Pages>& shared_of_all() {
    static std::map<std::string, Pages> shared;
    return shared;
  }
  static const std::string& path_of(sqlite3_file* file) { return *reinterpret_cast<File*>(file)->path; }

  /// Does a step, and says that it failed where the power went: nothing may be thrown through SQLite.
  template <class Step>
  static int attempt(int failure, const Step& step) {
    try {
      step();
      return SQLITE_OK;
    } catch (const PowerFailure&) {
      return failure;
    }
  }

  static int close(sqlite3_file* file) {
    delete reinterpret_cast<File*>(file)->path;
    return SQLITE_OK;
  }
  static int read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    if (disk().is_off()) return SQLITE_IOERR_READ;
    const std::string_view content = disk().content(path_of(file));
    const auto start = std::min<std::size_t>(static_cast<std::size_t>(offset), content.size());
    const std::size_t there = std::min<std::size_t>(static_cast<std::size_t>(count), content.size() - start);
    std::memcpy(into, content.data() + start, there);
    std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(count) - there);
    return there == static_cast<std::size_t>(count) ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
  }
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    return attempt(SQLITE_IOERR_WRITE, [&] {
      disk().overwrite(path_of(file), static_cast<std::uint64_t>(offset),
                       {static_cast<const char*>(bytes), static_cast<std::size_t>(count)});
    });
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    return attempt(SQLITE_IOERR_TRUNCATE,
                   [&] { disk().resize(path_of(file), static_cast<std::uint64_t>(size)); });
  }
  static int sync(sqlite3_file* file, int) {
    return attempt(SQLITE_IOERR_FSYNC, [&] {
      const std::filesystem::path path = path_of(file);
      disk().sync(path);
      disk().sync(path.parent_path());
    });
  }
  static int file_size(sqlite3_file* file, sqlite3_int64* size) {
    *size = static_cast<sqlite3_int64>(disk().content(path_of(file)).size());
    return SQLITE_OK;
  }
  static int lock(sqlite3_file*, int) { return SQLITE_OK; }
  static int check_lock(sqlite3_file*, int* is_locked) {
    *is_locked = 0;
    return SQLITE_OK;
  }
  static int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
  static int sector_size(sqlite3_file*) { return 512; }
  static int characteristics(sqlite3_file*) { return 0; }
  static int map_shared(sqlite3_file* file, int page, int size, int extend, void volatile** found) {
    Pages& pages = shared_of_all()[path_of(file)];
    *found = nullptr;
    while (pages.size() <= static_cast<std::size_t>(page)) {
      if (extend == 0) return SQLITE_OK;
      pages.push_back(std::make_unique<std::vector<char>>(static_cast<std::size_t>(size), '\0'));
    }
    *found = pages[static_cast<std::size_t>(page)]->data();
    return SQLITE_OK;
  }
  static int lock_shared(sqlite3_file*, int, int, int) { return SQLITE_OK; }
  static void barrier(sqlite3_file*) {}
  static int unmap_shared(sqlite3_file* file, int remove_it) {
    if (remove_it != 0) shared_of_all().erase(path_of(file));
    return SQLITE_OK;
  }

  static int open(sqlite3_vfs*, const char* path, sqlite3_file* file, int flags, int* out_flags) {
    static const sqlite3_io_methods methods = {2,
                                               close,
                                               read,
                                               write,
                                               truncate,
                                               sync,
                                               file_size,
                                               lock,
                                               lock,
                                               check_lock,
                                               control,
                                               sector_size,
                                               characteristics,
                                               map_shared,
                                               lock_shared,
                                               barrier,
                                               unmap_shared,
                                               nullptr,
                                               nullptr};
    file->pMethods = nullptr;
    if (disk().is_off()) return SQLITE_CANTOPEN;
    if (!disk().exists(path)) {
      if ((flags & SQLITE_OPEN_CREATE) == 0) return SQLITE_CANTOPEN;
      const int made = attempt(SQLITE_CANTOPEN, [&] { disk().write(path, ""); });
      if (made != SQLITE_OK) return made;
    }
    reinterpret_cast<File*>(file)->path = new std::string(path);
    file->pMethods = &methods;
    if (out_flags != nullptr) *out_flags = flags;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs*, const char* path, int) {
    if (!disk().exists(path)) return SQLITE_IOERR_DELETE_NOENT;
    return attempt(SQLITE_IOERR_DELETE, [&] {
      disk().remove(path);
      disk().sync(std::filesystem::path(path).parent_path());
    });
  }
  static int access(sqlite3_vfs*, const char* path, int, int* is_there) {
    *is_there = disk().exists(path) ? 1 : 0;
    return SQLITE_OK;
  }
  static int full_path(sqlite3_vfs*, const char* path, int size, char* into) {
    sqlite3_snprintf(size, into, "%s", path);
    return SQLITE_OK;
  }

  sqlite3_vfs file_system_{};
};

}  // namespace orrery::testing
