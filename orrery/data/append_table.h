#pragma once

#include "orrery/data/table.h"

namespace orrery {

/// Appends the rows of a table with the same columns; texts are coded anew.
/// Errors: kInvalidArgument when names or types differ.
void append_rows(Table& target, const Table& rows);

}  // namespace orrery
