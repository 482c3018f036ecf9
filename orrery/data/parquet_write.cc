#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include <set>

#include "orrery/base/files.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr std::int64_t kRowsPerGroup = 128 * 1024;

/// Wraps values without copying them; the table outlives the array.
template <class ArrowType, class Value>
std::shared_ptr<arrow::Array> wrap(const std::vector<Value>& values) {
  const auto buffer = arrow::Buffer::Wrap(values.data(), values.size());
  return std::make_shared<typename arrow::TypeTraits<ArrowType>::ArrayType>(
      static_cast<std::int64_t>(values.size()), buffer);
}

std::shared_ptr<arrow::Array> text_array(const std::vector<std::string>& texts,
                                         const std::filesystem::path& path) {
  arrow::StringBuilder builder;
  check_arrow(builder.AppendValues(texts), ErrorCode::kInternal, "write", path);
  return arrow_value(builder.Finish(), ErrorCode::kInternal, "write", path);
}

std::shared_ptr<arrow::Array> coded_array(const DictionaryStrings& strings,
                                          const std::filesystem::path& path) {
  arrow::Int32Builder codes;
  check_arrow(codes.Reserve(static_cast<std::int64_t>(strings.codes.size())), ErrorCode::kInternal, "write",
              path);
  for (const std::int32_t code : strings.codes) {
    if (code < 0) {
      codes.UnsafeAppendNull();
    } else {
      codes.UnsafeAppend(code);
    }
  }
  const auto indices = arrow_value(codes.Finish(), ErrorCode::kInternal, "write", path);
  return arrow_value(arrow::DictionaryArray::FromArrays(indices, text_array(strings.dictionary, path)),
                     ErrorCode::kInvalidArgument, "write", path);
}

std::shared_ptr<arrow::Array> to_array(const ColumnValues& values, const std::filesystem::path& path) {
  struct Converter {
    const std::filesystem::path& path;
    std::shared_ptr<arrow::Array> operator()(const std::vector<double>& v) const {
      return wrap<arrow::DoubleType>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<float>& v) const {
      return wrap<arrow::FloatType>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<std::int64_t>& v) const {
      return wrap<arrow::Int64Type>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<Date>& v) const {
      static_assert(sizeof(Date) == sizeof(std::int32_t),
                    "a Date lies in memory as Parquet's days since 1970");
      return wrap<arrow::Date32Type>(v);
    }
    std::shared_ptr<arrow::Array> operator()(const std::vector<std::string>& v) const {
      return text_array(v, path);
    }
    std::shared_ptr<arrow::Array> operator()(const DictionaryStrings& v) const {
      return coded_array(v, path);
    }
  };
  return std::visit(Converter{path}, values);
}

void check_shape(const Table& table, const std::filesystem::path& path) {
  std::set<std::string> names;
  for (const auto& column : table.columns) {
    if (column.size() != table.rows()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("can't write {}: column '{}' has {} rows, the first column has {}",
                                   path.string(), column.name, column.size(), table.rows()));
    }
    if (!names.insert(column.name).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("can't write {}: two columns are named '{}'", path.string(), column.name));
    }
  }
}

std::shared_ptr<arrow::Table> to_arrow(const Table& table, const std::filesystem::path& path) {
  check_shape(table, path);
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& column : table.columns) {
    arrays.push_back(to_array(column.values, path));
    fields.push_back(arrow::field(column.name, arrays.back()->type()));
  }
  return arrow::Table::Make(arrow::schema(fields), arrays, static_cast<std::int64_t>(table.rows()));
}

std::shared_ptr<parquet::WriterProperties> writer_properties(const arrow::Schema& schema) {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->compression(parquet::Compression::ZSTD)
      ->enable_statistics()
      ->created_by("orrery");
  // Floats are computed values: hardly one comes twice, and a dictionary of them costs four times the work
  // for a file half as large again (measured on Alpha158).
  for (const auto& field : schema.fields()) {
    if (field->type()->id() == arrow::Type::FLOAT) builder.disable_dictionary(field->name());
  }
  return builder.build();
}

}  // namespace

struct ParquetWriter::State {
  explicit State(std::filesystem::path target) : path(target), file(std::move(target)) {}

  void open(const arrow::Schema& schema) {
    stream = arrow_value(arrow::io::FileOutputStream::Open(file.staging().string()), ErrorCode::kIo, "create",
                         path);
    writer = arrow_value(parquet::arrow::FileWriter::Open(schema, arrow::default_memory_pool(), stream,
                                                          writer_properties(schema)),
                         ErrorCode::kIo, "create", path);
  }

  std::filesystem::path path;
  FileTransaction file;
  std::shared_ptr<arrow::io::FileOutputStream> stream;
  std::unique_ptr<parquet::arrow::FileWriter> writer;
};

ParquetWriter::ParquetWriter(std::filesystem::path path) : state_(std::make_unique<State>(std::move(path))) {}

ParquetWriter::~ParquetWriter() = default;

void ParquetWriter::append(const Table& table) {
  const auto arrow_table = to_arrow(table, state_->path);
  if (!state_->writer) state_->open(*arrow_table->schema());
  if (!state_->writer->schema()->Equals(*arrow_table->schema())) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("can't append to {}: the columns are {}, but the file began with {}",
                                 state_->path.string(), arrow_table->schema()->ToString(),
                                 state_->writer->schema()->ToString()));
  }
  check_arrow(state_->writer->WriteTable(*arrow_table, kRowsPerGroup), ErrorCode::kIo, "write", state_->path);
}

void ParquetWriter::add_metadata(const ParquetMetadata& metadata) {
  if (!state_->writer) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("can't add metadata to {}: nothing was written to it", state_->path.string()));
  }
  const auto pairs = std::make_shared<arrow::KeyValueMetadata>();
  for (const auto& [name, text] : metadata) pairs->Append(name, text);
  check_arrow(state_->writer->AddKeyValueMetadata(pairs), ErrorCode::kIo, "write", state_->path);
}

void ParquetWriter::close() {
  if (!state_->writer) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("can't close {}: nothing was written to it", state_->path.string()));
  }
  check_arrow(state_->writer->Close(), ErrorCode::kIo, "write", state_->path);
  check_arrow(state_->stream->Close(), ErrorCode::kIo, "write", state_->path);
  state_->file.commit();
}

void write_parquet(const Table& table, const std::filesystem::path& path, const ParquetMetadata& metadata) {
  ParquetWriter writer(path);
  writer.append(table);
  if (!metadata.empty()) writer.add_metadata(metadata);
  writer.close();
}

}  // namespace orrery
