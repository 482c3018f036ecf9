#pragma once

#include <string>

#include "orrery/data/table.h"

namespace orrery {

/// Returns a table as an Arrow IPC stream, which pyarrow, polars, pandas and DuckDB read. Types and missing
/// values: as write_parquet. Errors: kInvalidArgument for columns of unequal length.
std::string arrow_stream(const Table& table);

}  // namespace orrery
