#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/decimal.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/column_name.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
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
  if (column.null_count() > 0) return plain_values<ArrayType, double>(column, kMissing);
  return plain_values<ArrayType, std::int64_t>(column, 0);
}

ColumnValues boolean_values(const arrow::ChunkedArray& column) {
  auto values = reserve_for<double>(column);
  for (const auto& chunk : column.chunks()) {
    const auto& typed = static_cast<const arrow::BooleanArray&>(*chunk);
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      values.push_back(typed.IsNull(i) ? kMissing : static_cast<double>(typed.Value(i)));
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
      values.push_back(typed.IsNull(i) ? kMissing : Decimal(typed.GetValue(i)).ToDouble(scale));
    }
  }
  return values;
}

/// Gives texts their codes, in order of first appearance.
class TextCodes {
 public:
  std::int32_t code(std::string_view text) {
    if (last_code_ >= 0 && strings_.dictionary[static_cast<std::size_t>(last_code_)] == text)
      return last_code_;
    const auto [entry, is_new] =
        codes_.try_emplace(std::string(text), static_cast<std::int32_t>(strings_.dictionary.size()));
    if (is_new) strings_.dictionary.emplace_back(text);
    last_code_ = entry->second;
    return last_code_;
  }
  void append(std::int32_t code) { strings_.codes.push_back(code); }
  void reserve(std::size_t rows) { strings_.codes.reserve(rows); }
  DictionaryStrings take() { return std::move(strings_); }

 private:
  std::unordered_map<std::string, std::int32_t> codes_;
  DictionaryStrings strings_;
  std::int32_t last_code_ = -1;
};

template <class ArrayType>
void append_texts(const arrow::Array& array, TextCodes& codes) {
  const auto& texts = static_cast<const ArrayType&>(array);
  for (std::int64_t i = 0; i < texts.length(); ++i) {
    codes.append(texts.IsNull(i) ? -1 : codes.code(texts.GetView(i)));
  }
}

/// Returns whether the array was of a text type.
bool append_text_array(const arrow::Array& array, TextCodes& codes) {
  switch (array.type_id()) {
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      append_texts<arrow::BinaryArray>(array, codes);
      return true;
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      append_texts<arrow::LargeBinaryArray>(array, codes);
      return true;
    case arrow::Type::STRING_VIEW:
    case arrow::Type::BINARY_VIEW:
      append_texts<arrow::BinaryViewArray>(array, codes);
      return true;
    default:
      return false;
  }
}

std::optional<ColumnValues> text_values(const arrow::ChunkedArray& column) {
  TextCodes codes;
  codes.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    if (!append_text_array(*chunk, codes)) return std::nullopt;
  }
  return codes.take();
}

/// Returns the common code of each entry of a chunk's own dictionary, or nothing when they are no texts.
std::optional<std::vector<std::int32_t>> recode(const arrow::Array& dictionary, TextCodes& codes) {
  TextCodes entries;
  if (!append_text_array(dictionary, entries)) return std::nullopt;
  const auto strings = entries.take();
  std::vector<std::int32_t> common;
  for (const std::int32_t code : strings.codes) {
    common.push_back(code < 0 ? -1 : codes.code(strings.dictionary[static_cast<std::size_t>(code)]));
  }
  return common;
}

void append_coded(const arrow::DictionaryArray& array, const std::vector<std::int32_t>& common,
                  TextCodes& codes) {
  if (array.indices()->type_id() == arrow::Type::INT32 && array.null_count() == 0) {
    const auto* indices = static_cast<const arrow::Int32Array&>(*array.indices()).raw_values();
    for (std::int64_t i = 0; i < array.length(); ++i)
      codes.append(common[static_cast<std::size_t>(indices[i])]);
    return;
  }
  for (std::int64_t i = 0; i < array.length(); ++i) {
    codes.append(array.IsNull(i) ? -1 : common[static_cast<std::size_t>(array.GetValueIndex(i))]);
  }
}

std::optional<ColumnValues> dictionary_values(const arrow::ChunkedArray& column) {
  TextCodes codes;
  codes.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    const auto& array = static_cast<const arrow::DictionaryArray&>(*chunk);
    const auto common = recode(*array.dictionary(), codes);
    if (!common) return std::nullopt;
    append_coded(array, *common, codes);
  }
  return codes.take();
}

std::int64_t nanoseconds_per_unit(const arrow::DataType& type) {
  if (type.id() == arrow::Type::DATE64) return 1'000'000;
  switch (static_cast<const arrow::TimestampType&>(type).unit()) {
    case arrow::TimeUnit::SECOND:
      return 1'000'000'000;
    case arrow::TimeUnit::MILLI:
      return 1'000'000;
    case arrow::TimeUnit::MICRO:
      return 1'000;
    case arrow::TimeUnit::NANO:
      break;
  }
  return 1;
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

ColumnValues moment_values(const std::string& name, const arrow::ChunkedArray& column) {
  const std::int64_t unit = nanoseconds_per_unit(*column.type());
  if (fold_column_name(name) == "date") {
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
          for (auto& value : stored) value *= static_cast<typename Stored::value_type>(unit);
        }
      },
      values);
  return values;
}

/// Returns nothing for types that have no place in a Table.
std::optional<ColumnValues> convert(const std::string& name, const arrow::ChunkedArray& column) {
  switch (column.type()->id()) {
    case arrow::Type::DOUBLE:
      return plain_values<arrow::DoubleArray, double>(column, kMissing);
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
      return plain_values<arrow::UInt64Array, double>(column, kMissing);
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
      return moment_values(name, column);
    case arrow::Type::DICTIONARY:
      return dictionary_values(column);
    default:
      return text_values(column);
  }
}

/// Texts are read as the dictionary codes that the file already has: no copy of each text.
parquet::ArrowReaderProperties reader_properties(const parquet::FileMetaData& metadata, int threads) {
  parquet::ArrowReaderProperties properties;
  properties.set_use_threads(resolve_threads(threads) > 1);
  properties.set_pre_buffer(true);
  for (int i = 0; i < metadata.num_columns(); ++i) {
    const auto& column = *metadata.schema()->Column(i);
    const bool top_level = column.path()->ToDotVector().size() == 1;
    if (top_level && column.physical_type() == parquet::Type::BYTE_ARRAY)
      properties.set_read_dictionary(i, true);
  }
  return properties;
}

std::unique_ptr<parquet::arrow::FileReader> open_reader(const std::filesystem::path& path, int threads) {
  if (!std::filesystem::exists(path)) {
    throw user_error(ErrorCode::kNotFound, fmt::format("no such file: {}", path.string()));
  }
  auto file = arrow_value(arrow::io::ReadableFile::Open(path.string()), ErrorCode::kIo, "open", path);
  parquet::arrow::FileReaderBuilder builder;
  check_arrow(builder.Open(std::move(file)), ErrorCode::kDataCorrupt, "read", path);
  builder.properties(reader_properties(*builder.raw_reader()->metadata(), threads));
  return arrow_value(builder.Build(), ErrorCode::kDataCorrupt, "read", path);
}

std::vector<int> find_columns(const arrow::Schema& schema, const std::vector<std::string>& wanted,
                              const std::filesystem::path& path) {
  std::vector<int> found;
  for (const auto& name : wanted) {
    const int index = schema.GetFieldIndex(name);
    if (index < 0) {
      throw user_error(ErrorCode::kNotFound, fmt::format("{} has no column '{}'{}; it has: {}", path.string(),
                                                         name, did_you_mean(name, schema.field_names()),
                                                         fmt::join(schema.field_names(), ", ")));
    }
    found.push_back(index);
  }
  return found;
}

/// Returns the leaves of the named top-level columns, which is what Parquet readers count in.
std::vector<int> leaves_of(const parquet::FileMetaData& metadata, const std::vector<std::string>& names) {
  std::vector<int> leaves;
  for (int i = 0; i < metadata.num_columns(); ++i) {
    const auto root = metadata.schema()->Column(i)->path()->ToDotVector().front();
    if (names.empty() || std::find(names.begin(), names.end(), root) != names.end()) leaves.push_back(i);
  }
  return leaves;
}

std::shared_ptr<arrow::Table> read_arrow_table(const std::filesystem::path& path,
                                               const std::vector<std::string>& columns, int threads) {
  const auto reader = open_reader(path, threads);
  std::shared_ptr<arrow::Schema> schema;
  check_arrow(reader->GetSchema(&schema), ErrorCode::kDataCorrupt, "read", path);
  find_columns(*schema, columns, path);
  return arrow_value(reader->ReadTable(leaves_of(*reader->parquet_reader()->metadata(), columns)),
                     ErrorCode::kDataCorrupt, "read", path);
}

}  // namespace

Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns, int threads) {
  const auto table = read_arrow_table(path, columns, threads);
  const auto names = columns.empty() ? table->schema()->field_names() : columns;
  std::vector<std::optional<ColumnValues>> values(names.size());
  parallel_for(names.size(), threads, [&](std::size_t i) {
    const int index = columns.empty() ? static_cast<int>(i) : table->schema()->GetFieldIndex(names[i]);
    values[i] = convert(names[i], *table->column(index));
  });
  Table result;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (values[i]) {
      result.columns.push_back({names[i], std::move(*values[i])});
    } else if (!columns.empty()) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("column '{}' of {} has a type that is neither number, text, date nor time: {}",
                      names[i], path.string(),
                      table->schema()->GetFieldByName(names[i])->type()->ToString()));
    }
  }
  return result;
}

}  // namespace orrery
