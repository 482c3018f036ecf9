#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/table.h"

namespace orrery {

/// What a lake's whole numbers, moments and days hold where a value is missing; null in the file. Floating
/// columns have NaN there, texts code -1.
inline constexpr std::int64_t kMissingInteger = std::numeric_limits<std::int64_t>::min();
inline constexpr Date kMissingDate{std::numeric_limits<std::int32_t>::min()};

/// The types of Delta Lake that a Table can hold. In memory: kText → DictionaryStrings; kLong, kInteger,
/// kShort, kByte and kBoolean (0 or 1) → int64; kDouble → double; kFloat → float; kDate → Date; kTimestamp →
/// int64 nanoseconds since 1970, UTC (the file holds microseconds; finer moments go up to the next one, so
/// that nothing is known before its time).
enum class DeltaType : std::uint8_t {
  kText,
  kLong,
  kInteger,
  kShort,
  kByte,
  kBoolean,
  kDouble,
  kFloat,
  kDate,
  kTimestamp,
  kOther,  ///< nested, decimal, binary …: kept in the schema, not read or written by us
};

/// Returns the name that stands in a schema, such as "string" for kText.
std::string_view to_string(DeltaType type);
/// Returns kOther for names of types that a Table can't hold.
DeltaType parse_delta_type(std::string_view name);

/// A column of a table.
struct DeltaField {
  std::string name;
  DeltaType type = DeltaType::kText;
  bool nullable = true;
  std::string json = {};  ///< the field as it stood in the log; "" for one of our own making

  bool operator==(const DeltaField& other) const { return name == other.name && type == other.type; }
};

/// The columns of a table.
struct DeltaSchema {
  std::vector<DeltaField> fields;

  bool operator==(const DeltaSchema&) const = default;
  const DeltaField* find(std::string_view name) const;
  /// Returns the field. Errors: kNotFound, naming the columns there are.
  const DeltaField& at(std::string_view name) const;
};

/// Writes a schema as the log's `schemaString`.
std::string to_json(const DeltaSchema& schema);
/// Reads a `schemaString`. Errors: kDataCorrupt, naming `place`.
DeltaSchema parse_delta_schema(const std::string& json, const std::string& place);

/// Returns the schema of a table's columns: double, float, long (int64), date and string.
DeltaSchema schema_of(const Table& table);

/// Returns an empty column of the type's form in memory. Errors: kInvalidArgument for kOther.
ColumnValues empty_values(const DeltaField& field);
/// Returns `rows` missing values. Errors: kInvalidArgument for kOther.
ColumnValues missing_values(const DeltaField& field, std::size_t rows);

}  // namespace orrery
