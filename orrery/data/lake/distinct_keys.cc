#include "orrery/data/lake/distinct_keys.h"

#include <algorithm>
#include <cstdint>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

/// Moments that a file can't tell apart are one: they go up to the next microsecond.
void round_up(std::vector<std::int64_t>& moments) {
  for (auto& moment : moments) {
    const auto beyond = moment == kMissingInteger ? 0 : moment % kNanosecondsPerMicrosecond;
    if (beyond != 0) moment += beyond > 0 ? kNanosecondsPerMicrosecond - beyond : -beyond;
  }
}

Table stored_keys(const Table& rows, const TableDefinition& definition) {
  Table keys;
  for (const auto& name : definition.key) {
    if (!has_column(rows, name)) continue;
    keys.columns.push_back(rows.column(name));
    if (definition.schema.at(name).type == DeltaType::kTimestamp) {
      round_up(std::get<std::vector<std::int64_t>>(keys.columns.back().values));
    }
  }
  return keys;
}

}  // namespace

bool is_sorted_by_key(const TableDefinition& definition) {
  const auto& key = definition.key;
  const auto& order = definition.sort_by;
  return !key.empty() && order.size() >= key.size() && std::equal(key.begin(), key.end(), order.begin());
}

bool has_distinct_keys(const Table& rows, const TableDefinition& definition) {
  if (!is_sorted_by_key(definition)) return false;
  const Table keys = stored_keys(rows, definition);
  if (keys.columns.empty()) return rows.rows() <= 1;
  std::vector<std::string> names;
  for (const auto& column : keys.columns) names.push_back(column.name);
  const auto is_repeated = next_is_equal(keys, names);
  return std::find(is_repeated.begin(), is_repeated.end(), true) == is_repeated.end();
}

}  // namespace orrery
