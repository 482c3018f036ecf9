#pragma once

#include <filesystem>

#include "orrery/data/date_column.h"
#include "orrery/data/table.h"

namespace orrery {

/// Reads a Feather file (version 2) or an Arrow IPC file or stream, packed with LZ4 or Zstandard or not, as
/// pandas, pyarrow, polars and R write them. Types and missing values: as read_parquet; columns of other
/// types are left out. Errors: kNotFound, kDataCorrupt (damaged or cut off), kInvalidArgument for version 1.
Table read_feather(const std::filesystem::path& path, DateColumn dates = DateColumn::kDays);

}  // namespace orrery
