#include "orrery/data/sql/cell_text.h"

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>

#include "orrery/base/timestamp.h"
#include "orrery/data/arrow_time_unit.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

/// How a value's text stands in the output.
enum class Form { kNothing, kBare, kQuoted };

template <class ArrayType>
const ArrayType& as(const arrow::Array& values) {
  return static_cast<const ArrayType&>(values);
}

template <class Number>
Form append_floating(Number value, std::string& out) {
  if (std::isfinite(value)) {
    out += number_text(static_cast<double>(value));
    return Form::kBare;
  }
  out += std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
  return Form::kNothing;
}

/// A float's own shortest text; as a double it would have digits that it does not hold.
Form append_floating(float value, std::string& out) {
  if (!std::isfinite(value)) return append_floating(static_cast<double>(value), out);
  fmt::format_to(std::back_inserter(out), "{}", value);
  return Form::kBare;
}

Form append_scalar(const arrow::Array& values, std::int64_t row, std::string& out) {
  const auto scalar = values.GetScalar(row);
  out += scalar.ok() ? (*scalar)->ToString() : scalar.status().ToString();
  return Form::kQuoted;
}

Form append_bytes(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    fmt::format_to(std::back_inserter(out), "\\x{:02X}", static_cast<unsigned char>(byte));
  }
  return Form::kQuoted;
}

Form append_moment(const arrow::Array& values, std::int64_t row, std::string& out) {
  const auto& type = static_cast<const arrow::TimestampType&>(*values.type());
  const auto value = as<arrow::TimestampArray>(values).Value(row);
  const auto unit = nanoseconds_per_unit(type.unit());
  const auto most = std::numeric_limits<std::int64_t>::max() / unit;
  if (value > most || value < -most) return append_scalar(values, row, out);
  std::string text = to_string(Timestamp{value * unit});
  if (unit > 1 && text.ends_with("000Z")) text.erase(text.size() - 4, 3);  // nanoseconds that it can't have
  if (type.timezone().empty()) text.pop_back();
  out += text;
  return Form::kQuoted;
}

/// As ISO 8601 has it, such as P1M3DT0.5S.
Form append_interval(const arrow::MonthDayNanoIntervalArray& values, std::int64_t row, std::string& out) {
  const auto value = values.GetValue(row);
  fmt::format_to(std::back_inserter(out), "P{}M{}DT{}S", value.months, value.days,
                 number_text(static_cast<double>(value.nanoseconds) / 1e9));
  return Form::kQuoted;
}

Form append_list(const arrow::Array& items, std::int64_t begin, std::int64_t end, std::string& out) {
  out += '[';
  for (auto i = begin; i < end; ++i) {
    if (i > begin) out += ", ";
    append_json(items, i, out);
  }
  out += ']';
  return Form::kBare;
}

template <class ListArray>
Form append_list(const arrow::Array& values, std::int64_t row, std::string& out) {
  const auto& lists = as<ListArray>(values);
  return append_list(*lists.values(), lists.value_offset(row), lists.value_offset(row + 1), out);
}

Form append_structure(const arrow::StructArray& values, std::int64_t row, std::string& out) {
  out += '{';
  for (int i = 0; i < values.num_fields(); ++i) {
    if (i > 0) out += ", ";
    append_json_text(values.struct_type()->field(i)->name(), out);
    out += ": ";
    append_json(*values.field(i), row, out);
  }
  out += '}';
  return Form::kBare;
}

template <class ArrayType>
Form append_whole(const arrow::Array& values, std::int64_t row, std::string& out) {
  fmt::format_to(std::back_inserter(out), "{}", as<ArrayType>(values).Value(row));
  return Form::kBare;
}

template <class ArrayType>
Form append_string(const arrow::Array& values, std::int64_t row, std::string& out) {
  out += as<ArrayType>(values).GetView(row);
  return Form::kQuoted;
}

template <class ArrayType>
Form append_decimal(const arrow::Array& values, std::int64_t row, std::string& out) {
  out += as<ArrayType>(values).FormatValue(row);
  return Form::kBare;
}

Form append_entry(const arrow::Array& values, std::int64_t row, std::string& out);

/// A nested type; nothing known: as Arrow writes it.
Form append_nested(const arrow::Array& values, std::int64_t row, std::string& out) {
  switch (values.type_id()) {
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return append_list<arrow::ListArray>(values, row, out);
    case arrow::Type::LARGE_LIST:
      return append_list<arrow::LargeListArray>(values, row, out);
    case arrow::Type::FIXED_SIZE_LIST: {
      const auto& lists = as<arrow::FixedSizeListArray>(values);
      return append_list(*lists.values(), lists.value_offset(row), lists.value_offset(row + 1), out);
    }
    case arrow::Type::STRUCT:
      return append_structure(as<arrow::StructArray>(values), row, out);
    case arrow::Type::DICTIONARY: {
      const auto& codes = as<arrow::DictionaryArray>(values);
      return append_entry(*codes.dictionary(), codes.GetValueIndex(row), out);
    }
    case arrow::Type::INTERVAL_MONTH_DAY_NANO:
      return append_interval(as<arrow::MonthDayNanoIntervalArray>(values), row, out);
    default:
      return append_scalar(values, row, out);
  }
}

/// Numbers, and what is no text, by type.
Form append_number(const arrow::Array& values, std::int64_t row, std::string& out) {
  switch (values.type_id()) {
    case arrow::Type::INT8:
      return append_whole<arrow::Int8Array>(values, row, out);
    case arrow::Type::INT16:
      return append_whole<arrow::Int16Array>(values, row, out);
    case arrow::Type::INT32:
      return append_whole<arrow::Int32Array>(values, row, out);
    case arrow::Type::INT64:
      return append_whole<arrow::Int64Array>(values, row, out);
    case arrow::Type::UINT8:
      return append_whole<arrow::UInt8Array>(values, row, out);
    case arrow::Type::UINT16:
      return append_whole<arrow::UInt16Array>(values, row, out);
    case arrow::Type::UINT32:
      return append_whole<arrow::UInt32Array>(values, row, out);
    case arrow::Type::UINT64:
      return append_whole<arrow::UInt64Array>(values, row, out);
    case arrow::Type::FLOAT:
      return append_floating(as<arrow::FloatArray>(values).Value(row), out);
    case arrow::Type::DOUBLE:
      return append_floating(as<arrow::DoubleArray>(values).Value(row), out);
    case arrow::Type::DECIMAL128:
      return append_decimal<arrow::Decimal128Array>(values, row, out);
    default:
      return append_nested(values, row, out);
  }
}

Form append_entry(const arrow::Array& values, std::int64_t row, std::string& out) {
  switch (values.type_id()) {
    case arrow::Type::BOOL:
      out += as<arrow::BooleanArray>(values).Value(row) ? "true" : "false";
      return Form::kBare;
    case arrow::Type::STRING:
      return append_string<arrow::StringArray>(values, row, out);
    case arrow::Type::LARGE_STRING:
      return append_string<arrow::LargeStringArray>(values, row, out);
    case arrow::Type::BINARY:
      return append_bytes(as<arrow::BinaryArray>(values).GetView(row), out);
    case arrow::Type::DATE32:
      out += to_string(Date{as<arrow::Date32Array>(values).Value(row)});
      return Form::kQuoted;
    case arrow::Type::TIMESTAMP:
      return append_moment(values, row, out);
    default:
      return append_number(values, row, out);
  }
}

}  // namespace

void append_text(const arrow::Array& values, std::int64_t row, std::string& out) {
  if (!values.IsNull(row)) append_entry(values, row, out);
}

void append_json(const arrow::Array& values, std::int64_t row, std::string& out) {
  std::string text;
  const auto form = values.IsNull(row) ? Form::kNothing : append_entry(values, row, text);
  if (form == Form::kBare) {
    out += text;
  } else if (form == Form::kQuoted) {
    append_json_text(text, out);
  } else {
    out += "null";
  }
}

void append_json_text(std::string_view text, std::string& out) {
  out += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string type_name_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::STRING:
    case arrow::Type::LARGE_STRING:
      return "varchar";
    case arrow::Type::BOOL:
      return "boolean";
    case arrow::Type::DATE32:
      return "date";
    case arrow::Type::TIMESTAMP:
      return static_cast<const arrow::TimestampType&>(type).timezone().empty() ? "timestamp"
                                                                               : "timestamp UTC";
    case arrow::Type::DECIMAL128: {
      const auto& decimal = static_cast<const arrow::Decimal128Type&>(type);
      return fmt::format("decimal({},{})", decimal.precision(), decimal.scale());
    }
    case arrow::Type::DICTIONARY:
      return "enum";
    default:
      return type.ToString();
  }
}

bool is_number(const arrow::DataType& type) {
  return arrow::is_integer(type.id()) || arrow::is_floating(type.id()) || arrow::is_decimal(type.id());
}

}  // namespace orrery
