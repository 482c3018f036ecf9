#include "orrery/data/sqlite_transaction.h"

#include <sqlite3.h>

namespace orrery {

void in_one_transaction(sqlite3* database, const SqliteErrorMaker& make_error,
                        const std::function<void()>& work) {
  const auto execute = [&](const char* sql) {
    if (sqlite3_exec(database, sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw make_error(database);
  };
  execute("BEGIN IMMEDIATE");
  try {
    work();
    execute("COMMIT");
  } catch (...) {
    sqlite3_exec(database, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

}  // namespace orrery
