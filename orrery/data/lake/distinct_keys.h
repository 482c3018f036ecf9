#pragma once

#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// Whether no two rows, as a file will hold them, have equal keys: a reader then needs no search for the
/// latest version among them. The rows are in the table's order and may lack its partition columns, which are
/// the same in all of them. False where the table has no key or is not sorted by it.
bool has_distinct_keys(const Table& rows, const TableDefinition& definition);

}  // namespace orrery
