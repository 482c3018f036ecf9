#include <arrow/api.h>
#include <arrow/io/caching.h>
#include <arrow/io/interfaces.h>
#include <fmt/format.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/statistics.h>

#include <exception>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include "orrery/base/timestamp.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/arrow_texts.h"
#include "orrery/data/arrow_time_unit.h"
#include "orrery/data/lake/lake_parquet.h"

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

/// Appends the values of an array, each through `convert`, nulls as `missing`.
template <class ArrayType, class Value>
void append(const arrow::Array& array, Value missing, const auto& convert, std::vector<Value>& values) {
  const auto& typed = static_cast<const ArrayType&>(array);
  const auto start = values.size();
  values.resize(start + static_cast<std::size_t>(typed.length()));
  Value* const out = values.data() + start;
  if (typed.null_count() == 0) {
    // NOLINTNEXTLINE(bugprone-signed-char-misuse): Arrow's smallest integer is a number, no letter
    for (std::int64_t i = 0; i < typed.length(); ++i) out[i] = static_cast<Value>(convert(typed.Value(i)));
  } else {
    for (std::int64_t i = 0; i < typed.length(); ++i) {
      out[i] = typed.IsNull(i) ? missing : static_cast<Value>(convert(typed.Value(i)));
    }
  }
}

constexpr auto kAsIs = [](auto value) { return value; };

/// Returns false for arrays that hold no whole numbers.
bool append_whole(const arrow::Array& array, std::vector<std::int64_t>& values) {
  switch (array.type_id()) {
    case arrow::Type::INT64:
      append<arrow::Int64Array>(array, kMissingInteger, kAsIs, values);
      return true;
    case arrow::Type::INT32:
      append<arrow::Int32Array>(array, kMissingInteger, kAsIs, values);
      return true;
    case arrow::Type::INT16:
      append<arrow::Int16Array>(array, kMissingInteger, kAsIs, values);
      return true;
    case arrow::Type::INT8:
      append<arrow::Int8Array>(array, kMissingInteger, kAsIs, values);
      return true;
    case arrow::Type::BOOL:
      append<arrow::BooleanArray>(array, kMissingInteger, kAsIs, values);
      return true;
    case arrow::Type::TIMESTAMP: {
      const auto unit = nanoseconds_per_unit(static_cast<const arrow::TimestampType&>(*array.type()).unit());
      append<arrow::TimestampArray>(
          array, kMissingInteger, [unit](std::int64_t v) { return times(v, unit); }, values);
      return true;
    }
    case arrow::Type::DATE32:
      append<arrow::Date32Array>(
          array, kMissingInteger, [](std::int32_t day) { return times(day, kNanosecondsPerDay); }, values);
      return true;
    default:
      return false;
  }
}

template <class Value>
bool append_floating(const arrow::Array& array, std::vector<Value>& values) {
  constexpr Value kNaN = std::numeric_limits<Value>::quiet_NaN();
  switch (array.type_id()) {
    case arrow::Type::DOUBLE:
      append<arrow::DoubleArray>(array, kNaN, kAsIs, values);
      return true;
    case arrow::Type::FLOAT:
      append<arrow::FloatArray>(array, kNaN, kAsIs, values);
      return true;
    case arrow::Type::INT64:
      append<arrow::Int64Array>(array, kNaN, kAsIs, values);
      return true;
    case arrow::Type::INT32:
      append<arrow::Int32Array>(array, kNaN, kAsIs, values);
      return true;
    default:
      return false;
  }
}

bool append_dates(const arrow::Array& array, std::vector<Date>& values) {
  if (array.type_id() != arrow::Type::DATE32) return false;
  const auto& days = static_cast<const arrow::Date32Array&>(array);
  for (std::int64_t i = 0; i < days.length(); ++i) {
    values.push_back(days.IsNull(i) ? kMissingDate : Date{days.Value(i)});
  }
  return true;
}

/// Returns nothing where the file's type does not fit the table's.
template <class Value>
std::optional<ColumnValues> all_chunks(const arrow::ChunkedArray& column, const auto& append_chunk) {
  std::vector<Value> values;
  values.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    if (!append_chunk(*chunk, values)) return std::nullopt;
  }
  return values;
}

std::optional<ColumnValues> to_values(const arrow::ChunkedArray& column, const DeltaField& field) {
  switch (field.type) {
    case DeltaType::kText:
      return text_values(column);
    case DeltaType::kDouble:
      return all_chunks<double>(column, append_floating<double>);
    case DeltaType::kFloat:
      return all_chunks<float>(column, append_floating<float>);
    case DeltaType::kDate:
      return all_chunks<Date>(column, append_dates);
    case DeltaType::kOther:
      return std::nullopt;
    default:
      return all_chunks<std::int64_t>(column, append_whole);
  }
}

/// Texts come as the dictionary codes that the file has already. Of a distant file the wanted pages are
/// fetched ahead, those beside each other in one read.
parquet::ArrowReaderProperties arrow_properties(const parquet::FileMetaData& metadata, bool is_distant) {
  parquet::ArrowReaderProperties properties;
  properties.set_use_threads(true);
  properties.set_pre_buffer(is_distant);
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
    builder.properties(arrow_properties(*builder.raw_reader()->metadata(), state_->file->is_distant()));
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

Table LakeFileReader::read(const std::vector<int>& groups, const std::vector<DeltaField>& fields) {
  return state_->guarded([&] {
    std::vector<int> leaves;
    std::int64_t rows_expected = 0;
    for (const int group : groups) rows_expected += rows(group);
    for (const auto& field : fields) {
      const int leaf = state_->metadata().schema()->ColumnIndex(field.name);
      if (leaf >= 0) leaves.push_back(leaf);
    }
    const auto stored = arrow_value(state_->reader->ReadRowGroups(groups, leaves), ErrorCode::kDataCorrupt,
                                    "read", state_->place);
    state_->forget_fetched();
    Table table;
    for (const auto& field : fields) {
      const auto column = stored->GetColumnByName(field.name);
      if (!column) {
        table.columns.push_back({field.name, missing_values(field, static_cast<std::size_t>(rows_expected))});
        continue;
      }
      auto values = to_values(*column, field);
      if (!values) {
        throw user_error(
            ErrorCode::kInvalidArgument,
            fmt::format("{}: column '{}' is stored as {}, which can't be read as {}", state_->place,
                        field.name, column->type()->ToString(), to_string(field.type)));
      }
      table.columns.push_back({field.name, std::move(*values)});
      if (table.columns.back().size() != static_cast<std::size_t>(rows_expected)) {
        throw external_error(
            ErrorCode::kDataCorrupt,
            fmt::format("can't read {}: column '{}' has {} rows, its row groups have {}", state_->place,
                        field.name, table.columns.back().size(), rows_expected));
      }
    }
    return table;
  });
}

}  // namespace orrery
