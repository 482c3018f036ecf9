#include "orrery/data/sqlite_open.h"

#include <sqlite3.h>

#include <system_error>

namespace orrery {
namespace {

constexpr int kPauseMs = 10;

/// Changing to the write-ahead log wants the database for itself, and does not wait for whoever opens it in
/// the same moment, whatever time to wait is set: so it is tried again.
bool change_to_shared_log(sqlite3* database, int wait_ms) {
  constexpr const char* kChange = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
  for (int waited = 0;; waited += kPauseMs) {
    const int code = sqlite3_exec(database, kChange, nullptr, nullptr, nullptr) & 0xff;
    const bool is_taken = code == SQLITE_BUSY || code == SQLITE_LOCKED;
    if (!is_taken || waited >= wait_ms) return code == SQLITE_OK;
    sqlite3_sleep(kPauseMs);
  }
}

}  // namespace

void open_shared_database(const std::filesystem::path& file, int wait_ms, sqlite3*& handle,
                          const SqliteErrorMaker& make_error, const char* file_system) {
  std::error_code ignored;  // opening says it better
  if (file_system == nullptr) std::filesystem::create_directories(file.parent_path(), ignored);
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  if (sqlite3_open_v2(file.c_str(), &handle, kFlags, file_system) != SQLITE_OK) throw make_error(handle);
  sqlite3_busy_timeout(handle, wait_ms);
  if (!change_to_shared_log(handle, wait_ms)) throw make_error(handle);
}

}  // namespace orrery
