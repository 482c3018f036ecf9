#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/lake/row_filter.h"
#include "orrery/data/table.h"

namespace orrery {

/// What the log knows about the rows of one file.
struct FileStatistics {
  std::optional<std::int64_t> rows;
  std::map<std::string, ValueRange> ranges;         ///< by column, where known
  std::map<std::string, std::int64_t> null_counts;  ///< by column, where known
};

/// Writes rows, smallest, largest and missing values of each column as the JSON that Delta Lake has.
std::string statistics_json(const Table& table, const DeltaSchema& schema);

/// Reads such JSON; what is missing or unreadable is unknown.
FileStatistics parse_statistics(std::string_view json, const DeltaSchema& schema);

}  // namespace orrery
