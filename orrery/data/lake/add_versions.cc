#include "orrery/data/lake/add_versions.h"

#include <algorithm>
#include <set>

#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery {
namespace {

using Moments = std::vector<std::int64_t>;

/// Rows with exactly the columns of a table, in its order.
Table with_columns(const Table& rows, const DeltaSchema& schema) {
  Table result;
  for (const auto& field : schema.fields) {
    if (field.type == DeltaType::kOther) continue;
    result.columns.push_back({field.name, has_column(rows, field.name) ? rows.column(field.name).values
                                                                       : missing_values(field, rows.rows())});
  }
  return result;
}

std::vector<DeltaField> new_fields(const Table& rows, const TableDefinition& wanted,
                                   const DeltaSchema& there) {
  std::vector<DeltaField> fields;
  for (const auto& field : schema_of(rows).fields) {
    const auto* known = wanted.schema.find(field.name);
    if (there.find(field.name) == nullptr) fields.push_back(known == nullptr ? field : *known);
  }
  return fields;
}

std::set<std::string> texts_in(const Table& rows, const std::string& column) {
  const auto& texts = std::get<DictionaryStrings>(rows.column(column).values);
  std::set<std::string> found;
  for (const auto code : texts.codes) {
    if (code >= 0) found.insert(texts.dictionary[static_cast<std::size_t>(code)]);
  }
  return found;
}

/// What may hold versions of the delivered facts.
std::vector<RowFilter> near(const Table& rows, const std::vector<std::string>& key) {
  std::vector<RowFilter> where;
  if (!key.empty() && std::holds_alternative<DictionaryStrings>(rows.column(key.front()).values)) {
    const auto names = texts_in(rows, key.front());
    where.push_back(one_of(key.front(), {names.begin(), names.end()}));
  }
  if (!has_column(rows, kEventTime) || rows.rows() == 0) return where;
  const auto& events = std::get<Moments>(rows.column(kEventTime).values);
  const auto [first, last] = std::minmax_element(events.begin(), events.end());
  where.push_back(between(kEventTime, Timestamp{*first}, Timestamp{*last}));
  return where;
}

}  // namespace

AddedVersions add_versions(Lake& lake, const LakeRows& delivered) {
  auto table = lake.open_or_create(delivered.definition);
  const auto fields = new_fields(delivered.rows, delivered.definition, table.definition().schema);
  if (!fields.empty()) table.add_columns(fields);
  const auto schema = table.definition().schema;
  const auto& key = delivered.definition.key;
  ScanRequest request;
  for (const auto& field : schema.fields) {
    if (field.type != DeltaType::kOther) request.columns.push_back(field.name);
  }
  request.where = near(delivered.rows, key);
  AccountColumns columns{key, {kSource}};
  columns.account.insert(columns.account.end(), delivered.account.begin(), delivered.account.end());
  auto found = new_versions(table.scan(request)->rest(), with_columns(delivered.rows, schema), columns);
  table.append(found.rows);
  return {found.added, found.same, found.restated, std::move(found.contradictions), table.version()};
}

}  // namespace orrery
