#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/delta_state.h"

namespace orrery {

/// A table of a lake at one version.
struct PinnedTable {
  std::string name;
  std::filesystem::path folder;  ///< absolute
  std::shared_ptr<const DeltaState> state;
};

/// Returns the path of every data file, also as DuckDB takes it, for leave to read it.
std::vector<std::string> data_files(const PinnedTable& table);

/// Returns a query of the latest version of each fact that was known by `known_by` (absent: that is known at
/// all), the same rows as scan_as_of. Columns of types that a Table can't hold are left out, as everywhere.
/// The table must have versions.
std::string newest_rows(const PinnedTable& table, std::optional<Timestamp> known_by);

/// Returns a query of all versions of each fact that were known by `known_by`. With `known_by` the table must
/// have versions.
std::string all_rows(const PinnedTable& table, std::optional<Timestamp> known_by);

/// Writes a name or a text as SQL has it, a list of texts as [..., ...].
std::string sql_name(std::string_view name);
std::string sql_text(std::string_view text);
std::string sql_list(const std::vector<std::string>& texts);

}  // namespace orrery
