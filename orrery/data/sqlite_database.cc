#include "orrery/data/sqlite_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include "orrery/base/error.h"
#include "orrery/data/sqlite_open.h"
#include "orrery/data/sqlite_transaction.h"

namespace orrery {
namespace {

constexpr int kPatienceMs = 30000;

}  // namespace

SqliteDatabase::SqliteDatabase(const std::filesystem::path& file, const std::string& what,
                               const char* file_system)
    : make_error_([what, path = file.string()](sqlite3* failed) {
        return external_error(sqlite_error_code(failed),
                              fmt::format("{} can't be used ({}): {}", what, sqlite3_errmsg(failed), path));
      }) {
  try {
    open_shared_database(file, kPatienceMs, handle_, make_error_, file_system);
  } catch (...) {
    sqlite3_close(handle_);
    throw;
  }
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close(handle_); }

void SqliteDatabase::execute(const std::string& sql) {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw make_error_(handle_);
}

SqliteStatement SqliteDatabase::statement(const std::string& sql) { return {handle_, make_error_, sql}; }

void SqliteDatabase::read_at_once(const std::function<void()>& work) {
  execute("BEGIN");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    sqlite3_exec(handle_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

void SqliteDatabase::transaction(const std::function<void()>& work) {
  in_one_transaction(handle_, make_error_, work);
}

}  // namespace orrery
