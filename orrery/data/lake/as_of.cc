#include "orrery/data/lake/as_of.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery {
namespace {

std::vector<std::string> versioned_order(const TableDefinition& definition) {
  auto order = definition.key;
  for (const auto* time : {kKnownTime, kRetrievedTime}) {
    if (definition.schema.find(time) != nullptr) order.emplace_back(time);
  }
  return order;
}

void check_versioned(const TableDefinition& definition) {
  if (has_versions(definition)) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("table '{}' can't be read as of a time: it needs a key, a column '{}', and to be "
                  "sorted by the key and then by its times",
                  definition.name, kKnownTime));
}

}  // namespace

bool has_versions(const TableDefinition& definition) {
  return !definition.key.empty() && definition.schema.find(kKnownTime) != nullptr &&
         definition.sort_by == versioned_order(definition);
}

std::unique_ptr<LakeScan> scan_as_of(LakeTable& table, Timestamp known_by, ScanRequest request) {
  check_versioned(table.definition());
  request.where.push_back({.column = kKnownTime, .at_most = known_by.nanoseconds});
  return table.scan_last_of_each_key(request);
}

}  // namespace orrery
