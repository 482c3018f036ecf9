#include "orrery/data/lake/scan_plan.h"

#include <algorithm>

#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

std::vector<DeltaField> wanted_fields(const DeltaSchema& schema, const std::vector<std::string>& columns) {
  std::vector<DeltaField> fields;
  for (const auto& name : columns) fields.push_back(schema.at(name));
  if (!columns.empty()) return fields;
  std::copy_if(schema.fields.begin(), schema.fields.end(), std::back_inserter(fields),
               [](const DeltaField& field) { return field.type != DeltaType::kOther; });
  return fields;
}

void add_field(std::vector<DeltaField>& fields, const DeltaField& field) {
  if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
}

}  // namespace

ScanPlan::ScanPlan(LakeFiles& lake_files, std::string table_folder,
                   std::shared_ptr<const DeltaState> table_state, const ScanRequest& request,
                   const std::vector<std::string>& needed)
    : store(lake_files),
      folder(std::move(table_folder)),
      state(std::move(table_state)),
      where(fit_filters(request.where, state->metadata.schema)),
      wanted(wanted_fields(state->metadata.schema, request.columns)),
      fields(wanted),
      rows_per_block(std::max<std::int64_t>(1, request.rows_per_block)),
      threads(request.threads) {
  for (const auto& filter : where) add_field(fields, field(filter.column));
  for (const auto& name : needed) add_field(fields, field(name));
  for (const auto& file : state->files) {
    if (may_match(file, state->metadata, where)) files.push_back(&file);
  }
}

DataFile ScanPlan::open(std::size_t file) const { return {store, folder, *files[file], state->metadata}; }

Table ScanPlan::matching(Table block) const {
  if (where.empty()) return block;
  const auto rows = matching_rows(block, where);
  return rows.size() == block.rows() ? std::move(block) : take_rows(block, rows);
}

Table ScanPlan::wanted_columns(Table block) const {
  block.columns.resize(wanted.size());
  return block;
}

Table ScanPlan::empty() const {
  Table table;
  for (const auto& one : wanted) table.columns.push_back({one.name, missing_values(one, 0)});
  return table;
}

}  // namespace orrery
