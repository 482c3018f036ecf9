#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/table.h"

namespace orrery {

/// A row of a file that was left out of a table.
struct ImportNote {
  std::string table;
  std::string symbol;  ///< "": not known
  std::string place;   ///< file and line
  std::optional<Date> date;
  std::string reason, column, found;
};

/// Returns notes as the table "quarantine" that facts_of takes, without source and retrieved; `place` becomes
/// the column `url`, which tells two such rows apart.
Table notes_table(const std::vector<ImportNote>& notes);

/// Adds the source of rows and when they were retrieved, as facts_of takes them from providers.
Table with_source(Table rows, const std::string& source, Timestamp retrieved);

}  // namespace orrery
