#include "orrery/data/arrow_columns.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <limits>
#include <vector>

#include "orrery/base/not_a_number.h"
#include "orrery/data/arrow_texts.h"
#include "orrery/data/arrow_time_unit.h"
#include "orrery/data/column_name.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

constexpr std::int64_t kNanosecondsPerDay = 86'400'000'000'000;

/// Appends an array's values as they lie in memory, nulls as `null_value`.
template <class ArrayType, class Value>
void append_values(const arrow::Array& array, Value null_value, std::vector<Value>& out) {
  const auto& typed = static_cast<const ArrayType&>(array);
  if constexpr (std::is_same_v<std::remove_const_t<std::remove_pointer_t<decltype(typed.raw_values())>>,
                               Value>) {
    const std::size_t start = out.size();
    out.insert(out.end(), typed.raw_values(), typed.raw_values() + typed.length());
    if (typed.null_count() == 0) return;
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      if (typed.IsNull(i)) out[start + static_cast<std::size_t>(i)] = null_value;
    }
  } else {
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      out.push_back(typed.IsNull(i) ? null_value : static_cast<Value>(typed.Value(i)));
    }
  }
}

template <class Value>
std::vector<Value> reserve_for(const arrow::ChunkedArray& column) {
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(column.length()));
  return values;
}

template <class ArrayType, class Value>
ColumnValues plain_values(const arrow::ChunkedArray& column, Value null_value) {
  auto values = reserve_for<Value>(column);
  for (const auto& chunk : column.chunks()) append_values<ArrayType>(*chunk, null_value, values);
  return values;
}

/// Integers have no missing value of their own, so a column with nulls is read as double.
template <class ArrayType>
ColumnValues integer_values(const arrow::ChunkedArray& column) {
  if (column.null_count() > 0) return plain_values<ArrayType, double>(column, kNaN);
  return plain_values<ArrayType, std::int64_t>(column, 0);
}

ColumnValues boolean_values(const arrow::ChunkedArray& column) {
  auto values = reserve_for<double>(column);
  for (const auto& chunk : column.chunks()) {
    const auto& typed = static_cast<const arrow::BooleanArray&>(*chunk);
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      values.push_back(typed.IsNull(i) ? kNaN : static_cast<double>(typed.Value(i)));
    }
  }
  if (column.null_count() > 0) return values;
  return std::vector<std::int64_t>(values.begin(), values.end());
}

template <class ArrayType, class Decimal>
ColumnValues decimal_values(const arrow::ChunkedArray& column) {
  const int scale = static_cast<const arrow::DecimalType&>(*column.type()).scale();
  auto values = reserve_for<double>(column);
  for (const auto& chunk : column.chunks()) {
    const auto& typed = static_cast<const ArrayType&>(*chunk);
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      values.push_back(typed.IsNull(i) ? kNaN : Decimal(typed.GetValue(i)).ToDouble(scale));
    }
  }
  return values;
}

std::int64_t unit_of_moments(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DATE64) return 1'000'000;
  return nanoseconds_per_unit(static_cast<const arrow::TimestampType&>(type).unit());
}

std::int64_t floor_divide(std::int64_t value, std::int64_t by) {
  const std::int64_t quotient = value / by;
  return value % by < 0 ? quotient - 1 : quotient;
}

/// A date column with nulls becomes texts, since a Date has no missing value.
ColumnValues dates_from_days(const arrow::ChunkedArray& column, const auto& day_of) {
  std::vector<Date> dates;
  TextCodes texts;
  const bool has_nulls = column.null_count() > 0;
  if (!has_nulls) dates.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    for (std::int64_t i = 0; i < chunk->length(); ++i) {
      if (has_nulls) {
        texts.append(chunk->IsNull(i) ? -1 : texts.code(to_string(day_of(*chunk, i))));
      } else {
        dates.push_back(day_of(*chunk, i));
      }
    }
  }
  if (has_nulls) return texts.take();
  return dates;
}

ColumnValues date32_values(const arrow::ChunkedArray& column) {
  return dates_from_days(column, [](const arrow::Array& chunk, std::int64_t i) {
    return Date{static_cast<const arrow::Date32Array&>(chunk).Value(i)};
  });
}

double times_unit(double value, std::int64_t unit) { return value * static_cast<double>(unit); }

/// Nanoseconds reach from 1677 to 2262; a moment beyond becomes the last one.
std::int64_t times_unit(std::int64_t value, std::int64_t unit) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(value, unit, &product)) return product;
  return value < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

ColumnValues moment_values(const std::string& name, const arrow::ChunkedArray& column, DateColumn dates) {
  const std::int64_t unit = unit_of_moments(*column.type());
  if (dates == DateColumn::kDays && fold_column_name(name) == "date") {
    const std::int64_t units_per_day = kNanosecondsPerDay / unit;
    return dates_from_days(column, [units_per_day](const arrow::Array& chunk, std::int64_t i) {
      const std::int64_t moment = static_cast<const arrow::TimestampArray&>(chunk).Value(i);
      return Date{static_cast<std::int32_t>(floor_divide(moment, units_per_day))};
    });
  }
  auto values = integer_values<arrow::TimestampArray>(column);
  std::visit(
      [unit](auto& stored) {
        using Stored = std::decay_t<decltype(stored)>;
        if constexpr (std::is_same_v<Stored, std::vector<std::int64_t>> ||
                      std::is_same_v<Stored, std::vector<double>>) {
          for (auto& value : stored) value = times_unit(value, unit);
        }
      },
      values);
  return values;
}

}  // namespace

std::optional<ColumnValues> column_values(const std::string& name, const arrow::ChunkedArray& column,
                                          DateColumn dates) {
  switch (column.type()->id()) {
    case arrow::Type::DOUBLE:
      return plain_values<arrow::DoubleArray, double>(column, kNaN);
    case arrow::Type::FLOAT:
      return plain_values<arrow::FloatArray, float>(column, std::numeric_limits<float>::quiet_NaN());
    case arrow::Type::INT64:
      return integer_values<arrow::Int64Array>(column);
    case arrow::Type::INT32:
      return integer_values<arrow::Int32Array>(column);
    case arrow::Type::INT16:
      return integer_values<arrow::Int16Array>(column);
    case arrow::Type::INT8:
      return integer_values<arrow::Int8Array>(column);
    case arrow::Type::UINT8:
      return integer_values<arrow::UInt8Array>(column);
    case arrow::Type::UINT16:
      return integer_values<arrow::UInt16Array>(column);
    case arrow::Type::UINT32:
      return integer_values<arrow::UInt32Array>(column);
    case arrow::Type::UINT64:
      return plain_values<arrow::UInt64Array, double>(column, kNaN);
    case arrow::Type::BOOL:
      return boolean_values(column);
    case arrow::Type::DECIMAL128:
      return decimal_values<arrow::Decimal128Array, arrow::Decimal128>(column);
    case arrow::Type::DECIMAL256:
      return decimal_values<arrow::Decimal256Array, arrow::Decimal256>(column);
    case arrow::Type::DATE32:
      return date32_values(column);
    case arrow::Type::DATE64:
    case arrow::Type::TIMESTAMP:
      return moment_values(name, column, dates);
    default:
      return text_values(column);
  }
}

}  // namespace orrery
