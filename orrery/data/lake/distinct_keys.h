#pragma once

#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// Whether a table has a key and its rows are sorted by it before all else.
bool is_sorted_by_key(const TableDefinition& definition);

/// Whether no two rows, as a file will hold them, have equal keys: a reader then needs no search for the
/// latest version among them. The rows are in the table's order and may lack its partition columns, which are
/// the same in all of them. False where the table has no key or is not sorted by it.
bool has_distinct_keys(const Table& rows, const TableDefinition& definition);

}  // namespace orrery
