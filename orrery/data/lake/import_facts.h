#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/table.h"

namespace orrery {

/// Where rows come from that become facts of a lake.
struct FactSource {
  std::string name;              ///< for rows that name no source themselves
  Timestamp retrieved;           ///< for rows without a retrieved time
  std::vector<std::string> key;  ///< for a table that is not a standard one; empty: no versions
};

/// Completes rows to facts. A `date` of texts is read as days. A column that is missing is filled:
/// `event_time` from `date`, as the end of that day, 00:00 UTC of the next (sessions of stock exchanges have
/// ended by then, days of crypto exchanges end there); `known_time` as the event; `retrieved_time` and
/// `source` as told. Errors: kInvalidArgument when the rows have neither `event_time` nor `date`.
Table complete_facts(Table rows, const FactSource& source);

/// Adds rows to a table of the lake and returns its new version; makes the table where there is none, and
/// adds columns that it lacks. Errors: kInvalidArgument, naming the column.
std::int64_t import_facts(Lake& lake, const std::string& table, Table rows, const FactSource& source);

}  // namespace orrery
