#include <arrow/io/file.h>
#include <arrow/util/key_value_metadata.h>
#include <parquet/file_reader.h>

#include "orrery/base/files.h"
#include "orrery/data/arrow_status.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

std::unique_ptr<parquet::ParquetFileReader> open_footer(const std::filesystem::path& path) {
  require_file(path);
  auto file = arrow_value(arrow::io::ReadableFile::Open(path.string()), ErrorCode::kIo, "open", path);
  try {
    return parquet::ParquetFileReader::Open(std::move(file));
  } catch (const std::exception& error) {  // this part of the library throws
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("can't read {}: {}", path.string(), error.what()));
  }
}

}  // namespace

ParquetMetadata read_parquet_metadata(const std::filesystem::path& path) {
  const auto reader = open_footer(path);
  ParquetMetadata metadata;
  const auto pairs = reader->metadata()->key_value_metadata();
  if (!pairs) return metadata;
  for (std::int64_t i = 0; i < pairs->size(); ++i) metadata[pairs->key(i)] = pairs->value(i);
  return metadata;
}

}  // namespace orrery
