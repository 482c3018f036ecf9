#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/lake/lake_files.h"
#include "orrery/data/lake/lake_table.h"

namespace orrery {

/// Tables by name in one folder or bucket. Safe to use from several threads and processes.
class Lake {
 public:
  /// A folder, which need not exist before the first table, or an address of a store (lake_stores.h).
  explicit Lake(const std::filesystem::path& place, LakeTableOptions options = {});

  /// Returns the names of the tables there are, ascending.
  std::vector<std::string> tables();
  /// Opens a table. Errors: kNotFound, naming the tables there are.
  LakeTable open(const std::string& name);
  /// Opens a table, made from its definition where there is none. Errors: kInvalidArgument for a name that is
  /// no file name.
  LakeTable open_or_create(const TableDefinition& definition);

 private:
  bool has(const std::string& name);

  std::unique_ptr<LakeFiles> files_;
  LakeTableOptions options_;
};

/// Returns the definition of a table that every lake knows: instruments, bars_FREQUENCY (such as bars_1d),
/// trades, quotes, corporate_actions, fundamentals, news, social, macro, positioning, funding, membership,
/// quarantine.
/// Nothing for other names. All but quarantine have the three times, a source and a key, and can be read as
/// of a time.
std::optional<TableDefinition> standard_table(const std::string& name);

/// Returns their names, with bars_1d for all frequencies.
std::vector<std::string> standard_table_names();

/// Makes the definition of a table of facts: `columns` with the three times and the source behind them,
/// sorted by key, known and retrieved time.
TableDefinition fact_table(std::string name, std::string description, std::vector<DeltaField> columns,
                           std::vector<std::string> key);

}  // namespace orrery
