#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/data/hdf5_file.h"
#include "orrery/data/table.h"

namespace orrery {

/// Reads a data frame that pandas wrote into a group: `format="table"` (frame_table) and `format="fixed"`
/// (frame). Source: pandas' io/pytables.py, of pandas 0.15 to 2.2, whose layout has not changed.
Table read_appendable_frame(const Hdf5File& file, const std::string& group);
Table read_fixed_frame(const Hdf5File& file, const std::string& group);

/// Turns whole numbers that count nanoseconds, of which INT64_MIN is missing, into a column: days where it is
/// called "date", else moments; both as read_parquet has them.
Column moments_column(const std::string& name, const std::vector<std::int64_t>& moments);

/// Turns an array of one dimension into a column; texts that read as `missing` are missing.
Column column_of(const std::string& name, Hdf5Array&& array, const std::string& missing = "");

}  // namespace orrery
