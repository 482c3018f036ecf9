#include "orrery/data/lake/csv_mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/data/column_name.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

/// The columns of a file, and which hold nothing but numbers.
struct Columns {
  std::vector<std::string> names;
  std::vector<bool> are_numbers;
};

bool is_number(std::string_view text) {
  double number = 0.0;
  const bool is_code = text.size() > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9';
  return !is_code && parse_number(text, number) != NumberText::kNoNumber;
}

Columns look_at(const std::filesystem::path& file) {
  Columns columns;
  read_delimited(
      file, {},
      [&](const std::vector<std::string>& header) {
        columns.names = header;
        columns.are_numbers.assign(header.size(), true);
      },
      [&](std::int64_t, const std::vector<std::string>& fields) {
        for (std::size_t i = 0; i < std::min(fields.size(), columns.names.size()); ++i)
          columns.are_numbers[i] = columns.are_numbers[i] && is_number(fields[i]);
      });
  return columns;
}

const DeltaField* find_field(const DeltaSchema& schema, const std::string& name) {
  for (const auto& field : schema.fields) {
    if (fold_column_name(field.name) == fold_column_name(name)) return &field;
  }
  return nullptr;
}

/// A table that is no standard one knows the day, as every import does, and the columns of the file.
TableDefinition definition_of(const std::string& table, const Columns& columns,
                              const std::vector<std::string>& key) {
  if (auto definition = standard_table(table)) return *definition;
  if (key.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "table '{}' is none of the standard ones, so --key must say which columns name a fact of it, "
            "such as symbol,event_time",
            table));
  }
  std::vector<DeltaField> fields;
  for (const auto& name : columns.names) {
    if (fold_column_name(name) == "date") fields.push_back({.name = "date", .type = DeltaType::kDate});
  }
  for (const auto& name : key) {
    const bool is_in_file =
        std::find(columns.names.begin(), columns.names.end(), name) != columns.names.end();
    if (is_in_file && name != "date" && name != kEventTime) fields.push_back({.name = name});
  }
  return fact_table(table, "", std::move(fields), key);
}

void take_column(VendorMapping& mapping, const std::string& name, bool is_numbers) {
  const auto* known = find_field(mapping.definition.schema, name);
  VendorValue value;
  value.from = name;
  if (known == nullptr) {
    const DeltaField field{.name = name, .type = is_numbers ? DeltaType::kDouble : DeltaType::kText};
    mapping.definition.schema.fields.push_back(field);
    mapping.columns.push_back({field, value});
  } else if (known->name == kEventTime) {
    mapping.event = {VendorEvent::Kind::kMoment, value, 0, 0};
  } else if (known->name == kKnownTime) {
    mapping.known = {VendorKnown::Kind::kMoment, value, 0};
  } else if (known->name != kSource && known->name != kRetrievedTime) {
    mapping.columns.push_back({*known, value});
  }
}

}  // namespace

VendorMapping csv_mapping(const std::filesystem::path& file, const std::string& table,
                          const std::string& source, const std::vector<std::string>& key) {
  VendorMapping mapping;
  mapping.path = file;
  mapping.source = source;
  const auto columns = look_at(file);
  mapping.definition = definition_of(table, columns, key);
  mapping.known.kind = VendorKnown::Kind::kDelay;  // none: with the event
  for (std::size_t i = 0; i < columns.names.size(); ++i)
    take_column(mapping, columns.names[i], columns.are_numbers[i]);
  for (const auto& column : mapping.columns) {
    if (column.field.name == "date" && mapping.event.value.from.empty()) mapping.event.value = column.value;
  }
  if (mapping.event.value.from.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} has neither a column '{}' with moments nor 'date' with days; it has: {}",
                                 file.string(), kEventTime, fmt::join(columns.names, ", ")));
  }
  return mapping;
}

}  // namespace orrery
