#include <arrow/io/file.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <parquet/arrow/writer.h>

#include "orrery/base/files.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/sql/result_output.h"

namespace orrery {
namespace {

using Blocks = std::vector<std::shared_ptr<arrow::RecordBatch>>;

constexpr std::int64_t kRowsPerGroup = 128 * 1024;

/// Joins blocks to ones that are worth writing; nullptr at the end.
std::shared_ptr<arrow::RecordBatch> next_group(SqlResult& result, const std::filesystem::path& path) {
  Blocks blocks;
  std::int64_t rows = 0;
  while (rows < kRowsPerGroup) {
    auto block = result.next();
    if (!block) break;
    rows += block->num_rows();
    blocks.push_back(std::move(block));
  }
  if (blocks.empty()) return nullptr;
  return arrow_value(arrow::ConcatenateRecordBatches(blocks), ErrorCode::kInternal, "join rows for", path);
}

/// Gives all rows to a writer, then closes it and puts the file in its place.
template <class Writer>
std::size_t write_all(SqlResult& result, const std::filesystem::path& path, FileTransaction& file,
                      arrow::io::FileOutputStream& stream, Writer& writer) {
  std::size_t rows = 0;
  while (const auto group = next_group(result, path)) {
    check_arrow(writer.WriteRecordBatch(*group), ErrorCode::kIo, "write", path);
    rows += static_cast<std::size_t>(group->num_rows());
  }
  check_arrow(writer.Close(), ErrorCode::kIo, "write", path);
  check_arrow(stream.Close(), ErrorCode::kIo, "write", path);
  file.commit();
  return rows;
}

std::shared_ptr<arrow::io::FileOutputStream> open_for_writing(const FileTransaction& file,
                                                              const std::filesystem::path& path) {
  return arrow_value(arrow::io::FileOutputStream::Open(file.staging().string()), ErrorCode::kIo, "write",
                     path);
}

}  // namespace

std::size_t write_parquet(SqlResult& result, const std::filesystem::path& path) {
  FileTransaction file(path);
  const auto stream = open_for_writing(file, path);
  const auto properties = parquet::WriterProperties::Builder()
                              .compression(parquet::Compression::ZSTD)
                              ->max_row_group_length(kRowsPerGroup)
                              ->build();
  const auto arrow_properties = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  const auto writer =
      arrow_value(parquet::arrow::FileWriter::Open(*result.schema(), arrow::default_memory_pool(), stream,
                                                   properties, arrow_properties),
                  ErrorCode::kInvalidArgument, "write", path);
  return write_all(result, path, file, *stream, *writer);
}

std::size_t write_arrow(SqlResult& result, const std::filesystem::path& path) {
  FileTransaction file(path);
  const auto stream = open_for_writing(file, path);
  const auto writer =
      arrow_value(arrow::ipc::MakeFileWriter(stream, result.schema()), ErrorCode::kIo, "write", path);
  return write_all(result, path, file, *stream, *writer);
}

}  // namespace orrery
