#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <fmt/format.h>
#include <parquet/arrow/writer.h>

#include <cmath>
#include <limits>

#include "orrery/base/threads.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/lake/lake_parquet.h"

namespace orrery {
namespace {

template <class Result>
auto written(Result result) {
  return arrow_value(std::move(result), ErrorCode::kInternal, "write", "a data file");
}

void check_written(const arrow::Status& status) {
  check_arrow(status, ErrorCode::kInternal, "write", "a data file");
}

Error cant_hold(const DeltaField& field, const std::string& found) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("column '{}' holds values of the type {}; found {}", field.name,
                                to_string(field.type), found));
}

std::shared_ptr<arrow::DataType> arrow_type(const DeltaField& field) {
  switch (field.type) {
    case DeltaType::kText:
      return arrow::utf8();
    case DeltaType::kLong:
      return arrow::int64();
    case DeltaType::kInteger:
      return arrow::int32();
    case DeltaType::kShort:
      return arrow::int16();
    case DeltaType::kByte:
      return arrow::int8();
    case DeltaType::kBoolean:
      return arrow::boolean();
    case DeltaType::kDouble:
      return arrow::float64();
    case DeltaType::kFloat:
      return arrow::float32();
    case DeltaType::kDate:
      return arrow::date32();
    case DeltaType::kTimestamp:
      return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
    case DeltaType::kOther:
      break;
  }
  throw cant_hold(field, "a type that Orrery does not write: " + field.json);
}

/// Makes an array of the type: `convert` gives the value of a row that `is_missing` does not tell of.
template <class ArrowType, class Values>
std::shared_ptr<arrow::Array> make_array(const Values& values, const DeltaField& field,
                                         const auto& is_missing, const auto& convert) {
  typename arrow::TypeTraits<ArrowType>::BuilderType builder(arrow_type(field), arrow::default_memory_pool());
  check_written(builder.Reserve(static_cast<std::int64_t>(values.size())));
  for (const auto& value : values) {
    if (is_missing(value)) {
      builder.UnsafeAppendNull();
    } else {
      builder.UnsafeAppend(convert(value));
    }
  }
  return written(builder.Finish());
}

/// Returns a column's values as whole numbers; doubles that are none are an error.
std::vector<std::int64_t> whole_numbers(const ColumnValues& values, const DeltaField& field) {
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&values)) return *whole;
  const auto* doubles = std::get_if<std::vector<double>>(&values);
  if (doubles == nullptr) throw cant_hold(field, "values of another kind");
  std::vector<std::int64_t> result;
  constexpr double kLimit = 9.2e18;
  for (const double value : *doubles) {
    if (std::isnan(value)) {
      result.push_back(kMissingInteger);
    } else if (value == std::floor(value) && std::abs(value) < kLimit) {
      result.push_back(static_cast<std::int64_t>(value));
    } else {
      throw cant_hold(field, fmt::format("{}", value));
    }
  }
  return result;
}

template <class ArrowType>
std::shared_ptr<arrow::Array> whole_array(const ColumnValues& values, const DeltaField& field) {
  using Value = typename ArrowType::c_type;
  const auto convert = [&field](std::int64_t value) {
    const bool truth = std::is_same_v<Value, bool>;  // any number but 0 is true
    const bool fits = value >= static_cast<std::int64_t>(std::numeric_limits<Value>::min()) &&
                      value <= static_cast<std::int64_t>(std::numeric_limits<Value>::max());
    if (!truth && !fits) throw cant_hold(field, fmt::format("{}", value));
    return static_cast<Value>(value);
  };
  return make_array<ArrowType>(
      whole_numbers(values, field), field, [](std::int64_t value) { return value == kMissingInteger; },
      convert);
}

template <class ArrowType>
std::shared_ptr<arrow::Array> floating_array(const ColumnValues& values, const DeltaField& field) {
  using Value = typename ArrowType::c_type;
  const auto convert = [](auto value) { return static_cast<Value>(value); };
  const auto is_nan = [](auto value) { return std::isnan(value); };
  if (const auto* v = std::get_if<std::vector<double>>(&values)) {
    return make_array<ArrowType>(*v, field, is_nan, convert);
  }
  if (const auto* v = std::get_if<std::vector<float>>(&values)) {
    return make_array<ArrowType>(*v, field, is_nan, convert);
  }
  if (const auto* v = std::get_if<std::vector<std::int64_t>>(&values)) {
    return make_array<ArrowType>(
        *v, field, [](std::int64_t value) { return value == kMissingInteger; }, convert);
  }
  throw cant_hold(field, "values of another kind");
}

std::shared_ptr<arrow::Array> date_array(const ColumnValues& values, const DeltaField& field) {
  const auto* dates = std::get_if<std::vector<Date>>(&values);
  if (dates == nullptr) throw cant_hold(field, "values that are no days");
  return make_array<arrow::Date32Type>(
      *dates, field, [](Date day) { return day == kMissingDate; }, [](Date day) { return day.days; });
}

/// Finer moments go up, so that nothing is known before its time.
std::int64_t microseconds_up(std::int64_t nanoseconds) {
  const std::int64_t quotient = nanoseconds / kNanosecondsPerMicrosecond;
  return nanoseconds % kNanosecondsPerMicrosecond > 0 ? quotient + 1 : quotient;
}

std::shared_ptr<arrow::Array> moment_array(const ColumnValues& values, const DeltaField& field) {
  if (const auto* days = std::get_if<std::vector<Date>>(&values)) {
    return make_array<arrow::TimestampType>(
        *days, field, [](Date day) { return day == kMissingDate; },
        [](Date day) { return day.days * (kNanosecondsPerDay / kNanosecondsPerMicrosecond); });
  }
  return make_array<arrow::TimestampType>(
      whole_numbers(values, field), field, [](std::int64_t value) { return value == kMissingInteger; },
      microseconds_up);
}

std::shared_ptr<arrow::Array> text_array(const std::vector<std::string>& texts) {
  arrow::StringBuilder builder;
  check_written(builder.AppendValues(texts));
  return written(builder.Finish());
}

std::shared_ptr<arrow::Array> text_array(const ColumnValues& values, const DeltaField& field) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&values)) return text_array(*texts);
  const auto* coded = std::get_if<DictionaryStrings>(&values);
  if (coded == nullptr) throw cant_hold(field, "values that are no texts");
  const DeltaField code{.name = field.name, .type = DeltaType::kInteger};
  const auto codes = make_array<arrow::Int32Type>(
      coded->codes, code, [](std::int32_t c) { return c < 0; }, [](std::int32_t c) { return c; });
  return written(arrow::DictionaryArray::FromArrays(codes, text_array(coded->dictionary)));
}

std::shared_ptr<arrow::Array> to_array(const ColumnValues& values, const DeltaField& field) {
  switch (field.type) {
    case DeltaType::kText:
      return text_array(values, field);
    case DeltaType::kLong:
      return whole_array<arrow::Int64Type>(values, field);
    case DeltaType::kInteger:
      return whole_array<arrow::Int32Type>(values, field);
    case DeltaType::kShort:
      return whole_array<arrow::Int16Type>(values, field);
    case DeltaType::kByte:
      return whole_array<arrow::Int8Type>(values, field);
    case DeltaType::kBoolean:
      return whole_array<arrow::BooleanType>(values, field);
    case DeltaType::kDouble:
      return floating_array<arrow::DoubleType>(values, field);
    case DeltaType::kFloat:
      return floating_array<arrow::FloatType>(values, field);
    case DeltaType::kDate:
      return date_array(values, field);
    case DeltaType::kTimestamp:
      return moment_array(values, field);
    case DeltaType::kOther:
      break;
  }
  throw cant_hold(field, "a type that Orrery does not write: " + field.json);
}

std::shared_ptr<parquet::WriterProperties> lake_properties(std::int64_t rows_per_group) {
  return parquet::WriterProperties::Builder()
      .version(parquet::ParquetVersion::PARQUET_2_6)
      ->max_row_group_length(rows_per_group)
      ->compression(parquet::Compression::ZSTD)
      ->enable_statistics()
      ->enable_page_checksum()
      ->created_by("orrery")
      ->build();
}

/// The bytes are the same for any number of threads.
std::shared_ptr<parquet::ArrowWriterProperties> columns_in_parallel() {
  return parquet::ArrowWriterProperties::Builder().set_use_threads(true)->build();
}

}  // namespace

std::string encode_parquet(const Table& table, const DeltaSchema& schema, std::int64_t rows_per_group) {
  arrow::FieldVector fields(table.columns.size());
  arrow::ArrayVector arrays(table.columns.size());
  parallel_for(table.columns.size(), 0, [&](std::size_t i) {
    const auto& column = table.columns[i];
    arrays[i] = to_array(column.values, schema.at(column.name));
    fields[i] = arrow::field(column.name, arrays[i]->type());
  });
  const auto form = arrow::schema(fields);
  const auto rows = arrow::RecordBatch::Make(form, static_cast<std::int64_t>(table.rows()), arrays);
  const auto sink = written(arrow::io::BufferOutputStream::Create());
  const auto writer = written(parquet::arrow::FileWriter::Open(
      *form, arrow::default_memory_pool(), sink, lake_properties(rows_per_group), columns_in_parallel()));
  check_written(writer->WriteRecordBatch(*rows));
  check_written(writer->Close());
  return written(sink->Finish())->ToString();
}

}  // namespace orrery
