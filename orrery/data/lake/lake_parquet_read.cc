#include <arrow/api.h>
#include <arrow/io/caching.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/statistics.h>

#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "orrery/base/threads.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/arrow_texts.h"
#include "orrery/data/arrow_time_unit.h"
#include "orrery/data/lake/lake_parquet.h"
#include "orrery/data/parquet_numbers.h"

namespace orrery {
namespace {

/// An OpenFile as the Arrow library reads it. The library's threads must not be thrown at: what went wrong is
/// kept until the reader asks for it.
class ArrowFile : public arrow::io::RandomAccessFile {
 public:
  explicit ArrowFile(std::unique_ptr<OpenFile> file) : file_(std::move(file)) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Seek(std::int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> GetSize() override { return static_cast<std::int64_t>(file_->size()); }
  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t bytes, void* out) override {
    try {
      const std::span<char> into(static_cast<char*>(out), static_cast<std::size_t>(bytes));
      return static_cast<std::int64_t>(file_->read_at(static_cast<std::uint64_t>(position), into));
    } catch (const Error& error) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = error;
      return arrow::Status::IOError(error.what());
    }
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position, std::int64_t bytes) override {
    if (bytes < 0) return arrow::Status::Invalid("a negative length");
    const std::int64_t there = std::max<std::int64_t>(0, static_cast<std::int64_t>(file_->size()) - position);
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateBuffer(std::min(bytes, there)));
    ARROW_ASSIGN_OR_RAISE(const auto got, ReadAt(position, buffer->size(), buffer->mutable_data()));
    if (got != buffer->size()) return arrow::Status::IOError("the file ends early");
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const auto got, ReadAt(position_, bytes, out));
    position_ += got;
    return got;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, bytes));
    position_ += buffer->size();
    return buffer;
  }

  bool is_distant() const { return file_->is_distant(); }
  /// Takes the error of the first read that failed, if one did.
  std::optional<Error> take_failure() {
    const std::lock_guard lock(mutex_);
    return std::exchange(failure_, std::nullopt);
  }

 private:
  std::unique_ptr<OpenFile> file_;
  std::int64_t position_ = 0;
  bool closed_ = false;
  std::mutex mutex_;
  std::optional<Error> failure_;
};

/// Nanoseconds reach from 1677 to 2262; a moment beyond becomes the last one.
std::int64_t times(std::int64_t value, std::int64_t unit) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(value, unit, &product)) return product;
  return value < 0 ? kMissingInteger + 1 : std::numeric_limits<std::int64_t>::max();
}

/// Replaces the values of the rows that have none.
template <class Value>
std::vector<Value> with_missing(std::vector<Value> values, const std::vector<std::size_t>& missing,
                                Value none) {
  for (const std::size_t row : missing) values[row] = none;
  return values;
}

/// Takes numbers as they are where they have the wanted type already.
template <class Value, class Stored>
std::vector<Value> as(std::vector<Stored>& values) {
  if constexpr (std::is_same_v<Value, Stored>) {
    return std::move(values);
  } else {
    return std::vector<Value>(values.begin(), values.end());
  }
}

template <class Value>
std::vector<Value> as_floating(StoredNumbers& numbers) {
  return std::visit(
      [&](auto& values) {
        return with_missing(as<Value>(values), numbers.missing, std::numeric_limits<Value>::quiet_NaN());
      },
      numbers.values);
}

std::vector<Date> as_dates(const StoredNumbers& numbers) {
  const auto& days = std::get<std::vector<std::int32_t>>(numbers.values);
  std::vector<Date> dates;
  dates.reserve(days.size());
  for (const auto day : days) dates.push_back(Date{day});
  return with_missing(std::move(dates), numbers.missing, kMissingDate);
}

/// `unit`: what a value is multiplied by.
std::vector<std::int64_t> as_whole(StoredNumbers& numbers, std::int64_t unit) {
  auto whole = std::holds_alternative<std::vector<std::int64_t>>(numbers.values)
                   ? as<std::int64_t>(std::get<std::vector<std::int64_t>>(numbers.values))
                   : as<std::int64_t>(std::get<std::vector<std::int32_t>>(numbers.values));
  if (unit != 1) {
    for (auto& value : whole) value = times(value, unit);
  }
  return with_missing(std::move(whole), numbers.missing, kMissingInteger);
}

/// What a stored number is multiplied by to be one of ours; nothing for a type that is no whole number.
std::optional<std::int64_t> unit_of(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::INT64:
    case arrow::Type::INT32:
    case arrow::Type::INT16:
    case arrow::Type::INT8:
      return 1;
    case arrow::Type::TIMESTAMP:
      return nanoseconds_per_unit(static_cast<const arrow::TimestampType&>(type).unit());
    case arrow::Type::DATE32:
      return kNanosecondsPerDay;
    default:
      return std::nullopt;
  }
}

bool holds_numbers(const arrow::DataType& type) {
  return type.id() == arrow::Type::DOUBLE || type.id() == arrow::Type::FLOAT ||
         type.id() == arrow::Type::INT64 || type.id() == arrow::Type::INT32;
}

/// Returns nothing where the file's type does not fit the table's.
std::optional<ColumnValues> to_values(StoredNumbers numbers, const arrow::DataType& type,
                                      const DeltaField& field) {
  switch (field.type) {
    case DeltaType::kText:
    case DeltaType::kOther:
      return std::nullopt;
    case DeltaType::kDouble:
      if (!holds_numbers(type)) return std::nullopt;
      return as_floating<double>(numbers);
    case DeltaType::kFloat:
      if (!holds_numbers(type)) return std::nullopt;
      return as_floating<float>(numbers);
    case DeltaType::kDate:
      if (type.id() != arrow::Type::DATE32) return std::nullopt;
      return as_dates(numbers);
    default: {
      const auto unit = unit_of(type);
      if (!unit) return std::nullopt;
      return as_whole(numbers, *unit);
    }
  }
}

/// Appends the values of an array, each times `unit`.
template <class ArrayType>
void append(const arrow::Array& array, std::int64_t unit, std::vector<std::int64_t>& values) {
  const auto& typed = static_cast<const ArrayType&>(array);
  for (std::int64_t i = 0; i < typed.length(); ++i) {
    values.push_back(typed.IsNull(i) ? kMissingInteger : times(std::int64_t{typed.Value(i)}, unit));
  }
}

/// Truth values, and moments in twelve bytes as Spark wrote them of old, lie in a file in no form of ours.
std::optional<ColumnValues> whole_values(const arrow::ChunkedArray& column) {
  std::vector<std::int64_t> values;
  values.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    if (chunk->type_id() == arrow::Type::BOOL) {
      append<arrow::BooleanArray>(*chunk, 1, values);
    } else if (chunk->type_id() == arrow::Type::TIMESTAMP) {
      append<arrow::TimestampArray>(*chunk, *unit_of(*chunk->type()), values);
    } else {
      return std::nullopt;
    }
  }
  return values;
}

std::optional<ColumnValues> to_values(const arrow::ChunkedArray& column, const DeltaField& field) {
  switch (field.type) {
    case DeltaType::kText:
      return text_values(column);
    case DeltaType::kDouble:
    case DeltaType::kFloat:
    case DeltaType::kDate:
    case DeltaType::kOther:
      return std::nullopt;
    default:
      return whole_values(column);
  }
}

/// Texts come as the dictionary codes that the file has already.
parquet::ArrowReaderProperties arrow_properties(const parquet::FileMetaData& metadata) {
  parquet::ArrowReaderProperties properties;
  properties.set_use_threads(false);
  properties.set_pre_buffer(false);
  for (int i = 0; i < metadata.num_columns(); ++i) {
    const auto& column = *metadata.schema()->Column(i);
    const bool is_text = column.physical_type() == parquet::Type::BYTE_ARRAY;
    if (is_text && column.path()->ToDotVector().size() == 1) properties.set_read_dictionary(i, true);
  }
  return properties;
}

FilterValue text_of(const parquet::ByteArray& bytes) {
  return std::string(reinterpret_cast<const char*>(bytes.ptr), bytes.len);
}

template <class ParquetType>
ValueRange range_of(const parquet::Statistics& statistics, const auto& convert) {
  const auto& typed = static_cast<const parquet::TypedStatistics<ParquetType>&>(statistics);
  return {convert(typed.min()), convert(typed.max())};
}

std::int64_t moment_unit(const parquet::LogicalType& type) {
  switch (static_cast<const parquet::TimestampLogicalType&>(type).time_unit()) {
    case parquet::LogicalType::TimeUnit::MILLIS:
      return 1'000'000;
    case parquet::LogicalType::TimeUnit::MICROS:
      return 1'000;
    default:
      return 1;
  }
}

std::optional<ValueRange> value_range(const parquet::Statistics& statistics, const parquet::LogicalType& type,
                                      const DeltaField& field) {
  const bool is_whole = field.type == DeltaType::kLong || field.type == DeltaType::kInteger ||
                        field.type == DeltaType::kShort || field.type == DeltaType::kByte;
  const auto whole = [](auto value) -> FilterValue { return std::int64_t{value}; };
  const auto floating = [](auto value) -> FilterValue { return static_cast<double>(value); };
  const auto physical = statistics.physical_type();
  if (field.type == DeltaType::kText && physical == parquet::Type::BYTE_ARRAY) {
    return range_of<parquet::ByteArrayType>(statistics, text_of);
  }
  if (is_whole && physical == parquet::Type::INT64) return range_of<parquet::Int64Type>(statistics, whole);
  if (is_whole && physical == parquet::Type::INT32) return range_of<parquet::Int32Type>(statistics, whole);
  if (field.type == DeltaType::kDate && physical == parquet::Type::INT32) {
    return range_of<parquet::Int32Type>(statistics, whole);
  }
  if (field.type == DeltaType::kDouble && physical == parquet::Type::DOUBLE) {
    return range_of<parquet::DoubleType>(statistics, floating);
  }
  if (field.type == DeltaType::kFloat && physical == parquet::Type::FLOAT) {
    return range_of<parquet::FloatType>(statistics, floating);
  }
  if (field.type == DeltaType::kTimestamp && physical == parquet::Type::INT64 && type.is_timestamp()) {
    const auto unit = moment_unit(type);
    return range_of<parquet::Int64Type>(
        statistics, [unit](std::int64_t value) -> FilterValue { return times(value, unit); });
  }
  return std::nullopt;
}

}  // namespace

struct LakeFileReader::State {
  std::string place;
  std::shared_ptr<ArrowFile> file;
  std::unique_ptr<parquet::arrow::FileReader> reader;
  std::shared_ptr<arrow::Schema> schema;

  const parquet::FileMetaData& metadata() const { return *reader->parquet_reader()->metadata(); }

  /// Of a distant file the wanted pages are fetched at once, those beside each other in one read.
  void fetch_ahead(const std::vector<int>& groups, const std::vector<int>& leaves) const {
    if (!file->is_distant()) return;
    reader->parquet_reader()->PreBuffer(groups, leaves, arrow::io::default_io_context(),
                                        arrow::io::CacheOptions::LazyDefaults());
  }

  /// Lets go of what was fetched ahead: many files may be open at once.
  void forget_fetched() const {
    if (!file->is_distant()) return;
    reader->parquet_reader()->PreBuffer({}, {}, arrow::io::default_io_context(),
                                        arrow::io::CacheOptions::Defaults());
  }

  /// Parts of the library throw, others return a status; both become one error that names the file.
  template <class Work>
  auto guarded(const Work& work) const {
    try {
      return work();
    } catch (const std::exception& error) {
      if (const auto failure = file->take_failure()) throw Error(*failure);
      if (dynamic_cast<const Error*>(&error) != nullptr) throw;
      throw external_error(ErrorCode::kDataCorrupt, fmt::format("can't read {}: {}", place, error.what()));
    }
  }
};

LakeFileReader::LakeFileReader(std::unique_ptr<OpenFile> file, std::string place)
    : state_(std::make_unique<State>()) {
  state_->place = std::move(place);
  state_->file = std::make_shared<ArrowFile>(std::move(file));
  state_->guarded([&] {
    auto checked = parquet::default_reader_properties();
    checked.set_page_checksum_verification(true);
    parquet::arrow::FileReaderBuilder builder;
    check_arrow(builder.Open(state_->file, checked), ErrorCode::kDataCorrupt, "read", state_->place);
    builder.properties(arrow_properties(*builder.raw_reader()->metadata()));
    state_->reader = arrow_value(builder.Build(), ErrorCode::kDataCorrupt, "read", state_->place);
    check_arrow(state_->reader->GetSchema(&state_->schema), ErrorCode::kDataCorrupt, "read", state_->place);
  });
}

LakeFileReader::~LakeFileReader() = default;
LakeFileReader::LakeFileReader(LakeFileReader&&) noexcept = default;

int LakeFileReader::groups() const { return state_->metadata().num_row_groups(); }

std::int64_t LakeFileReader::rows(int group) const { return state_->metadata().RowGroup(group)->num_rows(); }

std::optional<ValueRange> LakeFileReader::range(int group, const DeltaField& field) const {
  return state_->guarded([&]() -> std::optional<ValueRange> {
    const int leaf = state_->metadata().schema()->ColumnIndex(field.name);
    if (leaf < 0) return std::nullopt;
    const auto statistics = state_->metadata().RowGroup(group)->ColumnChunk(leaf)->statistics();
    if (!statistics || !statistics->HasMinMax()) return std::nullopt;
    return value_range(*statistics, *state_->metadata().schema()->Column(leaf)->logical_type(), field);
  });
}

bool LakeFileReader::may_have_missing(int group, const DeltaField& field) const {
  if (field.type == DeltaType::kDouble || field.type == DeltaType::kFloat) return true;  // NaN is not counted
  return state_->guarded([&] {
    const int leaf = state_->metadata().schema()->ColumnIndex(field.name);
    if (leaf < 0) return true;
    const auto statistics = state_->metadata().RowGroup(group)->ColumnChunk(leaf)->statistics();
    return !statistics || !statistics->HasNullCount() || statistics->null_count() > 0;
  });
}

struct LakeFileReader::Columns {
  explicit Columns(std::size_t count) : values(count) {}
  std::vector<std::optional<ColumnValues>> values;  ///< by field; nothing where the types don't fit
  std::vector<std::size_t> numbers;                 ///< fields that are read as numbers
  std::vector<int> number_leaves;
  std::vector<std::size_t> others;  ///< fields that are read as arrays
  std::vector<int> other_leaves;
  std::vector<int> leaves;  ///< all that are read
};

LakeFileReader::Columns LakeFileReader::find(const std::vector<DeltaField>& fields) const {
  const auto& file = *state_->reader->parquet_reader();
  Columns columns(fields.size());
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const int leaf = state_->metadata().schema()->ColumnIndex(fields[i].name);
    if (leaf < 0) continue;
    columns.leaves.push_back(leaf);
    if (number_leaf(file, fields[i].name)) {
      columns.numbers.push_back(i);
      columns.number_leaves.push_back(leaf);
    } else {
      columns.others.push_back(i);
      columns.other_leaves.push_back(leaf);
    }
  }
  return columns;
}

void LakeFileReader::read_values(const std::vector<int>& groups, const std::vector<DeltaField>& fields,
                                 int threads, Columns& columns) {
  auto& file = *state_->reader->parquet_reader();
  state_->fetch_ahead(groups, columns.leaves);
  std::vector<std::function<void()>> others;
  for (std::size_t k = 0; k < columns.others.size(); ++k) {
    others.emplace_back([&, i = columns.others[k], leaf = columns.other_leaves[k]] {
      const auto stored = arrow_value(state_->reader->ReadRowGroups(groups, {leaf}), ErrorCode::kDataCorrupt,
                                      "read", state_->place);
      columns.values[i] = to_values(*stored->column(0), fields[i]);
    });
  }
  auto numbers = read_numbers(file, groups, columns.number_leaves, threads, others);
  state_->forget_fetched();
  parallel_for(numbers.size(), threads, [&](std::size_t k) {
    const std::size_t i = columns.numbers[k];
    const auto& type = *state_->schema->GetFieldByName(fields[i].name)->type();
    columns.values[i] = to_values(std::move(numbers[k]), type, fields[i]);
  });
}

Table LakeFileReader::read(const std::vector<int>& groups, const std::vector<DeltaField>& fields,
                           int threads) {
  return state_->guarded([&] {
    std::int64_t rows_expected = 0;
    for (const int group : groups) rows_expected += rows(group);
    const auto count = static_cast<std::size_t>(rows_expected);
    auto columns = find(fields);
    read_values(groups, fields, threads, columns);
    Table table;
    for (std::size_t i = 0; i < fields.size(); ++i) {
      const auto stored = state_->schema->GetFieldByName(fields[i].name);
      if (!stored) {
        table.columns.push_back({fields[i].name, missing_values(fields[i], count)});
        continue;
      }
      if (!columns.values[i]) {
        throw user_error(
            ErrorCode::kInvalidArgument,
            fmt::format("{}: column '{}' is stored as {}, which can't be read as {}", state_->place,
                        fields[i].name, stored->type()->ToString(), to_string(fields[i].type)));
      }
      table.columns.push_back({fields[i].name, std::move(*columns.values[i])});
      if (table.columns.back().size() != count) {
        throw external_error(
            ErrorCode::kDataCorrupt,
            fmt::format("can't read {}: column '{}' has {} rows, its row groups have {}", state_->place,
                        fields[i].name, table.columns.back().size(), rows_expected));
      }
    }
    return table;
  });
}

}  // namespace orrery
