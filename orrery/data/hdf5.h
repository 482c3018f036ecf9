#pragma once

#include <filesystem>
#include <optional>

#include "orrery/data/table.h"

namespace orrery {

/// Whether a path is an HDF5 file by its name (.h5, .hdf5, .hdf), or leads into one: store.h5/prices.
bool is_hdf5_path(const std::filesystem::path& path);

/// Returns the file of such a path, without what leads into it; nothing for any other path.
std::optional<std::filesystem::path> hdf5_file_of(const std::filesystem::path& path);

/// Reads one table of an HDF5 file. The path may lead to it inside the file, as h5ls writes it:
/// store.h5/prices; without that the file must hold exactly one. Tables are
/// - data frames that pandas wrote, in either format of its HDFStore, levels of their index as columns; an
///   index without a name is left out, but moments become the column "date";
/// - datasets of records (h5py, PyTables), a column a field;
/// - groups of datasets of one dimension and one length, a column each.
/// Types and missing values: as read_parquet; pandas' NaT is missing, its categories are texts. Columns of
/// other types are left out, as are pandas' object columns that are neither texts nor numbers.
/// Errors: kNotFound (file, or a table in it, naming those there are), kDataCorrupt, kInvalidArgument.
Table read_hdf5(const std::filesystem::path& path);

}  // namespace orrery
