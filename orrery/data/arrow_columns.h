#pragma once

#include <optional>
#include <string>

#include "orrery/data/date_column.h"
#include "orrery/data/table.h"

namespace arrow {
class ChunkedArray;
}

namespace orrery {

/// Returns a column of Arrow as a column of a Table, of the types that read_parquet names; nothing for types
/// that have no place there (nested ones). `name` tells days from moments: moments of a column called "date"
/// become days unless asked for otherwise. Errors: parquet::ParquetException for texts whose codes lie
/// outside their dictionary.
std::optional<ColumnValues> column_values(const std::string& name, const arrow::ChunkedArray& column,
                                          DateColumn dates = DateColumn::kDays);

}  // namespace orrery
