#pragma once

#include <functional>

#include "orrery/data/sqlite_statement.h"

namespace orrery {

/// Makes changes that come to be together, or not at all; nobody else writes meanwhile. Errors: those of
/// `make_error` and of `work`.
void in_one_transaction(sqlite3* database, const SqliteErrorMaker& make_error,
                        const std::function<void()>& work);

}  // namespace orrery
