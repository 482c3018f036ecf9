#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <new>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "orrery/base/files.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/data/arrow_columns.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/parquet.h"
#include "orrery/data/parquet_numbers.h"

namespace orrery {
namespace {

template <class Floating>
std::vector<Floating> with_nan(std::vector<Floating> values, const std::vector<std::size_t>& missing) {
  for (const std::size_t row : missing) values[row] = std::numeric_limits<Floating>::quiet_NaN();
  return values;
}

/// Returns nothing for dates of which some are missing: only the general path can read these.
std::optional<ColumnValues> to_values(StoredNumbers numbers, bool is_date) {
  return std::visit(
      [&](auto& values) -> std::optional<ColumnValues> {
        using Value = typename std::decay_t<decltype(values)>::value_type;
        if constexpr (std::is_floating_point_v<Value>) {
          return with_nan(std::move(values), numbers.missing);
        } else if (is_date) {
          if (!numbers.missing.empty()) return std::nullopt;
          std::vector<Date> dates;
          dates.reserve(values.size());
          for (const auto days : values) dates.push_back({static_cast<std::int32_t>(days)});
          return dates;
        } else if (!numbers.missing.empty()) {
          return with_nan(std::vector<double>(values.begin(), values.end()), numbers.missing);
        } else if constexpr (std::is_same_v<Value, std::int64_t>) {
          return std::move(values);
        } else {
          return std::vector<std::int64_t>(values.begin(), values.end());
        }
      },
      numbers.values);
}

Error corrupt(const std::filesystem::path& path, std::string_view reason) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("can't read {}: {}", path.string(), reason));
}

/// Reads the columns of one file.
class ParquetTable {
 public:
  ParquetTable(const std::filesystem::path& path, int threads, DateColumn dates)
      : path_(path), threads_(threads), dates_(dates), reader_(open()) {
    check_arrow(reader_->GetSchema(&schema_), ErrorCode::kDataCorrupt, "read", path_);
  }

  Table read(const std::vector<std::string>& wanted) {
    const auto fields = find_fields(wanted);
    std::vector<std::optional<ColumnValues>> values(fields.size());
    std::vector<std::size_t> numbers;  // places among the fields
    std::vector<int> leaves;
    std::vector<std::function<void()>> others;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (const auto leaf = leaf_of_numbers(*schema_->field(fields[i]))) {
        numbers.push_back(i);
        leaves.push_back(*leaf);
      } else {
        others.emplace_back([&, i] { values[i] = read_general(fields[i]); });
      }
    }
    auto& file = *reader_->parquet_reader();
    std::vector<int> groups(static_cast<std::size_t>(file.metadata()->num_row_groups()));
    std::iota(groups.begin(), groups.end(), 0);
    auto found = read_numbers(file, groups, leaves, threads_, others);
    parallel_for(numbers.size(), threads_, [&](std::size_t i) {
      const int field = fields[numbers[i]];
      const bool is_date = schema_->field(field)->type()->id() == arrow::Type::DATE32;
      values[numbers[i]] = to_values(std::move(found[i]), is_date);
      if (!values[numbers[i]]) values[numbers[i]] = read_general(field);
    });
    return assemble(fields, std::move(values), !wanted.empty());
  }

 private:
  std::unique_ptr<parquet::arrow::FileReader> open() const {
    require_file(path_);
    auto file = arrow_value(arrow::io::ReadableFile::Open(path_.string()), ErrorCode::kIo, "open", path_);
    parquet::arrow::FileReaderBuilder builder;
    check_arrow(builder.Open(std::move(file)), ErrorCode::kDataCorrupt, "read", path_);
    builder.properties(general_properties(*builder.raw_reader()->metadata()));
    return arrow_value(builder.Build(), ErrorCode::kDataCorrupt, "read", path_);
  }

  /// Texts are read as the dictionary codes that the file already has: no copy of each text.
  static parquet::ArrowReaderProperties general_properties(const parquet::FileMetaData& metadata) {
    parquet::ArrowReaderProperties properties;
    properties.set_use_threads(false);
    for (int i = 0; i < metadata.num_columns(); ++i) {
      const auto& column = *metadata.schema()->Column(i);
      const bool top_level = column.path()->ToDotVector().size() == 1;
      if (top_level && column.physical_type() == parquet::Type::BYTE_ARRAY)
        properties.set_read_dictionary(i, true);
    }
    return properties;
  }

  std::vector<int> find_fields(const std::vector<std::string>& wanted) const {
    std::vector<int> fields;
    for (int field = 0; wanted.empty() && field < schema_->num_fields(); ++field) fields.push_back(field);
    for (const auto& name : wanted) {
      fields.push_back(schema_->GetFieldIndex(name));
      if (fields.back() >= 0) continue;
      throw user_error(
          ErrorCode::kNotFound,
          fmt::format("{} has no column '{}'{}; it has: {}", path_.string(), name,
                      did_you_mean(name, schema_->field_names()), fmt::join(schema_->field_names(), ", ")));
    }
    return fields;
  }

  std::optional<int> leaf_of_numbers(const arrow::Field& field) const {
    switch (field.type()->id()) {
      case arrow::Type::DOUBLE:
      case arrow::Type::FLOAT:
      case arrow::Type::INT64:
      case arrow::Type::INT32:
      case arrow::Type::DATE32:
        return number_leaf(*reader_->parquet_reader(), field.name());
      default:
        return std::nullopt;
    }
  }

  std::optional<ColumnValues> read_general(int field) const {
    std::shared_ptr<arrow::ChunkedArray> column;
    check_arrow(reader_->ReadColumn(field, &column), ErrorCode::kDataCorrupt, "read", path_);
    return column_values(schema_->field(field)->name(), *column, dates_);
  }

  void check_length(const Column& column) const {
    const auto metadata = reader_->parquet_reader()->metadata();
    std::int64_t rows = 0;
    for (int group = 0; group < metadata->num_row_groups(); ++group)
      rows += metadata->RowGroup(group)->num_rows();
    if (static_cast<std::int64_t>(column.size()) == rows) return;
    throw parquet::ParquetException(
        fmt::format("column '{}' has {} rows, its row groups have {}", column.name, column.size(), rows));
  }

  Table assemble(const std::vector<int>& fields, std::vector<std::optional<ColumnValues>>&& values,
                 bool all_needed) const {
    Table table;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& field = *schema_->field(fields[i]);
      if (values[i]) {
        table.columns.push_back({field.name(), std::move(*values[i])});
        check_length(table.columns.back());
      } else if (all_needed) {
        throw user_error(
            ErrorCode::kInvalidArgument,
            fmt::format("column '{}' of {} has a type that is neither number, text, date nor time: {}",
                        field.name(), path_.string(), field.type()->ToString()));
      }
    }
    return table;
  }

  const std::filesystem::path& path_;
  int threads_;
  DateColumn dates_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns, int threads,
                   DateColumn dates) {
  try {
    return ParquetTable(path, threads, dates).read(columns);
  } catch (const parquet::ParquetException& failure) {
    throw corrupt(path, failure.what());
  } catch (const std::bad_alloc&) {
    throw corrupt(path, "it promises more values than fit into memory");
  } catch (const std::length_error&) {
    throw corrupt(path, "it promises more values than fit into memory");
  }
}

}  // namespace orrery
