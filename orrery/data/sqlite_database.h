#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "orrery/data/sqlite_statement.h"

namespace orrery {

/// A database file that is open, for readers beside one writer (see open_shared_database).
class SqliteDatabase {
 public:
  /// `what` names the file in errors: "the account's books". `file_system` names one of SQLite's; null: the
  /// machine's. Errors: kIo, kDataCorrupt.
  SqliteDatabase(const std::filesystem::path& file, const std::string& what,
                 const char* file_system = nullptr);
  ~SqliteDatabase();
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;

  /// Runs statements without results.
  void execute(const std::string& sql);
  SqliteStatement statement(const std::string& sql);
  /// Reads what belongs together, as it was at one moment, whoever writes meanwhile.
  void read_at_once(const std::function<void()>& work);
  /// As in_one_transaction.
  void transaction(const std::function<void()>& work);

 private:
  SqliteErrorMaker make_error_;
  sqlite3* handle_ = nullptr;
};

}  // namespace orrery
