#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/arrow/writer.h>

#include "orrery/base/files.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/arrow_table.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

constexpr std::int64_t kRowsPerGroup = 128 * 1024;

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
  const auto whole = arrow_table(table, state_->path);
  if (!state_->writer) state_->open(*whole->schema());
  if (!state_->writer->schema()->Equals(*whole->schema())) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("can't append to {}: the columns are {}, but the file began with {}",
                                 state_->path.string(), whole->schema()->ToString(),
                                 state_->writer->schema()->ToString()));
  }
  check_arrow(state_->writer->WriteTable(*whole, kRowsPerGroup), ErrorCode::kIo, "write", state_->path);
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
