#include "orrery/data/lake/import_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/data/column_name.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

/// Moments that came as numbers in a file of our own or another's: as nanoseconds.
constexpr std::array<const char*, 4> kMoments = {kEventTime, kKnownTime, kRetrievedTime, "open_time"};

/// Days that came as texts become days.
void read_days(Table& rows) {
  for (auto& column : rows.columns) {
    const auto* texts = column.name == "date" ? std::get_if<DictionaryStrings>(&column.values) : nullptr;
    if (texts == nullptr) continue;
    std::vector<Date> by_code;
    for (const auto& text : texts->dictionary) {
      const auto day = parse_date(text);
      if (!day) {
        throw user_error(ErrorCode::kInvalidArgument,
                         fmt::format("column 'date' has a text that is no day (YYYY-MM-DD): '{}'", text));
      }
      by_code.push_back(*day);
    }
    std::vector<Date> days;
    days.reserve(texts->codes.size());
    for (const auto code : texts->codes) {
      days.push_back(code < 0 ? kMissingDate : by_code[static_cast<std::size_t>(code)]);
    }
    column.values = std::move(days);
  }
}

/// Days become the moment at which they have ended, UTC.
ColumnValues ends_of(const Table& rows) {
  const auto* days =
      has_column(rows, "date") ? std::get_if<std::vector<Date>>(&rows.column("date").values) : nullptr;
  if (days == nullptr) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("rows of facts need a column '{}' with moments or 'date' with days", kEventTime));
  }
  std::vector<std::int64_t> ends;
  for (const auto day : *days)
    ends.push_back(day == kMissingDate ? kMissingInteger : start_of(day + 1).nanoseconds);
  return ends;
}

/// Names are matched without regard to case and spaces, as in price files.
void use_known_names(Table& rows, const DeltaSchema& schema) {
  for (auto& column : rows.columns) {
    for (const auto& field : schema.fields) {
      if (!has_column(rows, field.name) && fold_column_name(column.name) == fold_column_name(field.name)) {
        column.name = field.name;
      }
    }
  }
}

/// Returns the definition of a table that is made from rows: their columns, moments as such.
TableDefinition definition_from(const std::string& name, const Table& rows, const FactSource& source) {
  auto schema = schema_of(rows);
  for (auto& field : schema.fields) {
    if (std::find(kMoments.begin(), kMoments.end(), field.name) != kMoments.end())
      field.type = DeltaType::kTimestamp;
  }
  return fact_table(name, "", std::move(schema.fields), source.key);
}

std::vector<DeltaField> new_fields(const Table& rows, const DeltaSchema& schema) {
  std::vector<DeltaField> fields;
  for (const auto& field : schema_of(rows).fields) {
    if (schema.find(field.name) == nullptr) fields.push_back(field);
  }
  return fields;
}

}  // namespace

Table complete_facts(Table rows, const FactSource& source) {
  read_days(rows);
  if (!has_column(rows, kEventTime)) rows.columns.push_back({kEventTime, ends_of(rows)});
  if (!has_column(rows, kKnownTime)) rows.columns.push_back({kKnownTime, rows.column(kEventTime).values});
  const auto count = rows.rows();
  if (!has_column(rows, kRetrievedTime)) {
    rows.columns.push_back({kRetrievedTime, std::vector<std::int64_t>(count, source.retrieved.nanoseconds)});
  }
  if (!has_column(rows, kSource)) {
    rows.columns.push_back({kSource, repeated_text(count, source.name)});
  }
  return rows;
}

std::int64_t import_facts(Lake& lake, const std::string& name, Table rows, const FactSource& source) {
  auto definition = standard_table(name);
  if (definition) use_known_names(rows, definition->schema);
  rows = complete_facts(std::move(rows), source);
  if (!definition) definition = definition_from(name, rows, source);
  auto table = lake.open_or_create(*definition);
  const auto fields = new_fields(rows, table.definition().schema);
  if (!fields.empty()) table.add_columns(fields);
  return table.append(rows);
}

}  // namespace orrery
