#pragma once

#include <filesystem>
#include <string>

#include "orrery/data/date_column.h"
#include "orrery/data/table.h"

namespace orrery {

/// Whether a name says that the file holds columns with types, by its end: .parquet, .pq, .parq; .feather,
/// .arrow, .ipc; .h5, .hdf5, .hdf, also with the path of a table in the file behind it (read_hdf5).
bool is_table_file(const std::filesystem::path& path);

/// Reads such a file by its name. `threads`: 0 for all cores. Errors: as the reader of its format;
/// kInvalidArgument for any other name, and for moments of HDF5's days.
Table read_table_file(const std::filesystem::path& path, int threads = 0,
                      DateColumn dates = DateColumn::kDays);

/// Returns the file on the disk of a path that may lead on into it; the path itself for any other.
std::filesystem::path file_on_disk(const std::filesystem::path& path);

/// Returns the ends of names that are known, for messages: ".parquet, .feather, .h5".
std::string table_file_names();

}  // namespace orrery
