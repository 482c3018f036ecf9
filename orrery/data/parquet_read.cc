#include <arrow/api.h>
#include <arrow/io/file.h>
#include <fmt/ranges.h>
#include <parquet/arrow/reader.h>
#include <parquet/column_reader.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

#include "orrery/base/aligned_memory.h"
#include "orrery/base/files.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/data/arrow_columns.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

/// A column of numbers that lie in the file as they lie in memory: decoded straight into their final place,
/// row group by row group, without an Arrow array between.
class FlatColumn {
 public:
  virtual ~FlatColumn() = default;
  /// Reserves the memory.
  virtual void prepare() = 0;
  virtual void read_group(int group) = 0;
  /// Returns nothing for a date column with nulls, which only the general path can read.
  virtual std::optional<ColumnValues> take() = 0;
};

/// The file's rows: where each row group starts.
struct GroupRows {
  std::vector<std::size_t> starts;  ///< one more than groups; the last is the number of rows
  explicit GroupRows(const parquet::FileMetaData& metadata) : starts{0} {
    for (int group = 0; group < metadata.num_row_groups(); ++group) {
      const auto rows = metadata.RowGroup(group)->num_rows();
      if (rows < 0) throw parquet::ParquetException("a row group has fewer than no rows");
      starts.push_back(starts.back() + static_cast<std::size_t>(rows));
    }
  }
  int groups() const { return static_cast<int>(starts.size()) - 1; }
  std::size_t rows_of(int group) const {
    const auto g = static_cast<std::size_t>(group);
    return starts[g + 1] - starts[g];
  }
};

template <class ParquetType>
class NumberColumn : public FlatColumn {
 public:
  using Value = typename ParquetType::c_type;

  NumberColumn(parquet::ParquetFileReader& file, const GroupRows& rows, int leaf, bool is_date)
      : file_(file), rows_(rows), leaf_(leaf), is_date_(is_date), nulls_(rows.starts.size()) {}

  void prepare() override {
    values_.reserve(rows_.starts.back());
    prefer_huge_pages(values_.data(), values_.capacity() * sizeof(Value));
    values_.resize(rows_.starts.back());
  }

  void read_group(int group) override {
    const auto column = file_.RowGroup(group)->Column(leaf_);
    auto& reader = static_cast<parquet::TypedColumnReader<ParquetType>&>(*column);
    const std::size_t start = rows_.starts[static_cast<std::size_t>(group)];
    std::vector<std::int16_t> levels(kBatch);
    for (std::size_t done = 0; done < rows_.rows_of(group);) {
      const auto wanted = std::min(kBatch, rows_.rows_of(group) - done);
      std::int64_t stored = 0;
      const std::int64_t rows = reader.ReadBatch(static_cast<std::int64_t>(wanted), levels.data(), nullptr,
                                                 values_.data() + start + done, &stored);
      if (rows == 0) throw parquet::ParquetException("a column ends before its row group does");
      if (stored < rows) spread(group, start + done, levels, rows, stored);
      done += static_cast<std::size_t>(rows);
    }
  }

  std::optional<ColumnValues> take() override {
    const bool has_nulls =
        std::any_of(nulls_.begin(), nulls_.end(), [](const auto& rows) { return !rows.empty(); });
    if constexpr (std::is_floating_point_v<Value>) {
      fill_nulls(values_);
      return std::move(values_);
    } else {
      if (is_date_) return has_nulls ? std::nullopt : std::optional<ColumnValues>(dates());
      if (has_nulls) {
        std::vector<double> doubles(values_.begin(), values_.end());
        fill_nulls(doubles);
        return doubles;
      }
      return std::vector<std::int64_t>(values_.begin(), values_.end());
    }
  }

 private:
  static constexpr std::size_t kBatch = 1 << 16;

  /// Moves the values, which lie closely packed at `start`, to the rows that are not null.
  void spread(int group, std::size_t start, const std::vector<std::int16_t>& levels, std::int64_t rows,
              std::int64_t stored) {
    Value* const values = values_.data() + start;
    auto& nulls = nulls_[static_cast<std::size_t>(group)];
    for (std::int64_t row = rows - 1; row >= 0; --row) {
      if (levels[static_cast<std::size_t>(row)] > 0) {
        values[row] = values[--stored];
      } else {
        nulls.push_back(start + static_cast<std::size_t>(row));
      }
    }
  }

  template <class Floating>
  void fill_nulls(std::vector<Floating>& values) const {
    for (const auto& rows : nulls_) {
      for (const std::size_t row : rows) values[row] = std::numeric_limits<Floating>::quiet_NaN();
    }
  }

  std::vector<Date> dates() const {
    std::vector<Date> result;
    result.reserve(values_.size());
    for (const auto days : values_) result.push_back({static_cast<std::int32_t>(days)});
    return result;
  }

  parquet::ParquetFileReader& file_;
  const GroupRows& rows_;
  int leaf_;
  bool is_date_;
  std::vector<Value> values_;
  std::vector<std::vector<std::size_t>> nulls_;  ///< by group: rows
};

/// Returns the leaf of a top-level column that is not nested, or nothing.
std::optional<int> flat_leaf(const parquet::SchemaDescriptor& schema, const std::string& name) {
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    const auto& column = *schema.Column(leaf);
    const auto path = column.path()->ToDotVector();
    if (path.front() != name) continue;
    const bool flat =
        path.size() == 1 && column.max_repetition_level() == 0 && column.max_definition_level() <= 1;
    return flat ? std::optional(leaf) : std::nullopt;
  }
  return std::nullopt;
}

Error corrupt(const std::filesystem::path& path, std::string_view reason) {
  return external_error(ErrorCode::kDataCorrupt, fmt::format("can't read {}: {}", path.string(), reason));
}

/// Reads the columns of one file.
class ParquetTable {
 public:
  ParquetTable(const std::filesystem::path& path, int threads)
      : path_(path), threads_(threads), reader_(open()), rows_(*reader_->parquet_reader()->metadata()) {
    check_arrow(reader_->GetSchema(&schema_), ErrorCode::kDataCorrupt, "read", path_);
  }

  Table read(const std::vector<std::string>& wanted) {
    const auto fields = find_fields(wanted);
    std::vector<std::optional<ColumnValues>> values(fields.size());
    std::vector<std::unique_ptr<FlatColumn>> flat;
    flat.reserve(fields.size());
    for (const int field : fields) flat.push_back(make_flat(*schema_->field(field)));
    parallel_for(fields.size(), threads_, [&](std::size_t i) {
      if (flat[i]) {
        flat[i]->prepare();
      } else {
        values[i] = read_general(fields[i]);
      }
    });
    read_flat(flat);
    parallel_for(fields.size(), threads_, [&](std::size_t i) {
      if (!flat[i]) return;
      values[i] = flat[i]->take();
      if (!values[i]) values[i] = read_general(fields[i]);
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

  /// Memory is taken for as many values as the file promises; two promises must agree.
  void check_lengths(int leaf) const {
    const auto metadata = reader_->parquet_reader()->metadata();
    for (int group = 0; group < rows_.groups(); ++group) {
      const auto values = metadata->RowGroup(group)->ColumnChunk(leaf)->num_values();
      if (static_cast<std::size_t>(values) == rows_.rows_of(group)) continue;
      throw parquet::ParquetException(fmt::format(
          "row group {} has {} rows, but a column of it has {} values", group, rows_.rows_of(group), values));
    }
  }

  std::unique_ptr<FlatColumn> make_flat(const arrow::Field& field) const {
    auto& file = *reader_->parquet_reader();
    const auto leaf = flat_leaf(*file.metadata()->schema(), field.name());
    if (!leaf) return nullptr;
    check_lengths(*leaf);
    switch (field.type()->id()) {
      case arrow::Type::DOUBLE:
        return std::make_unique<NumberColumn<parquet::DoubleType>>(file, rows_, *leaf, false);
      case arrow::Type::FLOAT:
        return std::make_unique<NumberColumn<parquet::FloatType>>(file, rows_, *leaf, false);
      case arrow::Type::INT64:
        return std::make_unique<NumberColumn<parquet::Int64Type>>(file, rows_, *leaf, false);
      case arrow::Type::INT32:
        return std::make_unique<NumberColumn<parquet::Int32Type>>(file, rows_, *leaf, false);
      case arrow::Type::DATE32:
        return std::make_unique<NumberColumn<parquet::Int32Type>>(file, rows_, *leaf, true);
      default:
        return nullptr;
    }
  }

  std::optional<ColumnValues> read_general(int field) const {
    std::shared_ptr<arrow::ChunkedArray> column;
    check_arrow(reader_->ReadColumn(field, &column), ErrorCode::kDataCorrupt, "read", path_);
    return column_values(schema_->field(field)->name(), *column);
  }

  void read_flat(const std::vector<std::unique_ptr<FlatColumn>>& columns) const {
    const auto groups = static_cast<std::size_t>(rows_.groups());
    parallel_for(columns.size() * groups, threads_, [&](std::size_t task) {
      if (columns[task / groups]) columns[task / groups]->read_group(static_cast<int>(task % groups));
    });
  }

  Table assemble(const std::vector<int>& fields, std::vector<std::optional<ColumnValues>>&& values,
                 bool all_needed) const {
    Table table;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto& field = *schema_->field(fields[i]);
      if (values[i]) {
        table.columns.push_back({field.name(), std::move(*values[i])});
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
  std::unique_ptr<parquet::arrow::FileReader> reader_;
  GroupRows rows_;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

Table read_parquet(const std::filesystem::path& path, const std::vector<std::string>& columns, int threads) {
  try {
    return ParquetTable(path, threads).read(columns);
  } catch (const parquet::ParquetException& failure) {
    throw corrupt(path, failure.what());
  } catch (const std::bad_alloc&) {
    throw corrupt(path, "it promises more values than fit into memory");
  } catch (const std::length_error&) {
    throw corrupt(path, "it promises more values than fit into memory");
  }
}

}  // namespace orrery
