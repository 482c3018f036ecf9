#pragma once

#include <filesystem>

#include "orrery/data/sqlite_statement.h"

namespace orrery {

/// Opens a database that several processes write at once: makes its folder, lets readers go on beside a
/// writer (a write-ahead log), keeps what is committed through a power failure, and waits up to `wait_ms` for
/// others. `handle` is set also where opening fails, for the error and to be closed. Errors: those of
/// `make_error`. `file_system` names one of SQLite's; null: the machine's.
void open_shared_database(const std::filesystem::path& file, int wait_ms, sqlite3*& handle,
                          const SqliteErrorMaker& make_error, const char* file_system = nullptr);

}  // namespace orrery
