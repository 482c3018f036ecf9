#include "orrery/data/lake/as_of.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/data/lake/table_rows.h"

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

/// Leaves the last row of each key: the order puts the latest version there.
class LatestVersions : public LakeScan {
 public:
  LatestVersions(std::unique_ptr<LakeScan> sorted, std::vector<std::string> key, std::size_t wanted)
      : sorted_(std::move(sorted)), key_(std::move(key)), wanted_(wanted) {}

  std::optional<Table> next() override {
    auto block = sorted_->next();
    if (!block) return std::nullopt;
    const auto is_replaced = next_is_equal(*block, key_);
    std::vector<std::uint32_t> latest;
    for (std::uint32_t row = 0; row < is_replaced.size(); ++row) {
      if (!is_replaced[row]) latest.push_back(row);
    }
    if (latest.size() < block->rows()) block = take_rows(*block, latest);
    block->columns.resize(wanted_);
    return block;
  }

  Table empty() const override {
    Table table = sorted_->empty();
    table.columns.resize(wanted_);
    return table;
  }

 private:
  std::unique_ptr<LakeScan> sorted_;
  std::vector<std::string> key_;
  std::size_t wanted_;
};

}  // namespace

bool has_versions(const TableDefinition& definition) {
  return !definition.key.empty() && definition.schema.find(kKnownTime) != nullptr &&
         definition.sort_by == versioned_order(definition);
}

std::unique_ptr<LakeScan> scan_as_of(LakeTable& table, Timestamp known_by, ScanRequest request) {
  const auto definition = table.definition();
  check_versioned(definition);
  if (request.columns.empty()) {
    for (const auto& field : definition.schema.fields) {
      if (field.type != DeltaType::kOther) request.columns.push_back(field.name);
    }
  }
  const std::size_t wanted = request.columns.size();
  for (const auto& name : definition.key) {
    const bool is_there =
        std::find(request.columns.begin(), request.columns.end(), name) != request.columns.end();
    if (!is_there) request.columns.push_back(name);
  }
  request.where.push_back({.column = kKnownTime, .at_most = known_by.nanoseconds});
  return std::make_unique<LatestVersions>(table.scan_sorted(request), definition.key, wanted);
}

}  // namespace orrery
