#include "orrery/data/feather.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <fmt/format.h>

#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/arrow_columns.h"
#include "orrery/data/arrow_status.h"

namespace orrery {
namespace {

using ArrowTable = std::shared_ptr<arrow::Table>;
using FeatherFile = std::shared_ptr<arrow::io::ReadableFile>;

FeatherFile open_feather(const std::filesystem::path& path) {
  require_file(path);
  return arrow_value(arrow::io::ReadableFile::Open(path.string()), ErrorCode::kIo, "open", path);
}

std::string magic_of(const FeatherFile& file, const std::filesystem::path& path) {
  return arrow_value(file->ReadAt(0, 6), ErrorCode::kIo, "read", path)->ToString();
}

ArrowTable read_stream(const FeatherFile& file, const std::filesystem::path& path) {
  check_arrow(file->Seek(0), ErrorCode::kIo, "read", path);
  const auto reader = arrow_value(arrow::ipc::RecordBatchStreamReader::Open(file), ErrorCode::kDataCorrupt,
                                  "read as Feather or Arrow IPC", path);
  return arrow_value(reader->ToTable(), ErrorCode::kDataCorrupt, "read", path);
}

ArrowTable read_feather_file(const FeatherFile& file, const std::filesystem::path& path) {
  const auto reader =
      arrow_value(arrow::ipc::RecordBatchFileReader::Open(file), ErrorCode::kDataCorrupt, "read", path);
  return arrow_value(reader->ToTable(), ErrorCode::kDataCorrupt, "read", path);
}

/// Files begin with a magic, streams with the length of their schema.
ArrowTable read_any(const FeatherFile& file, const std::filesystem::path& path) {
  const auto magic = magic_of(file, path);
  if (magic == "ARROW1") return read_feather_file(file, path);
  if (magic.starts_with("FEA1")) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} is a Feather file of version 1, which Arrow has given up; write it again "
                    "as version 2: pandas.read_feather, then to_feather",
                    path.string()));
  }
  return read_stream(file, path);
}

}  // namespace

Table read_feather(const std::filesystem::path& path, DateColumn dates) {
  const auto file = open_feather(path);
  const auto source = read_any(file, path);
  check_arrow(source->ValidateFull(), ErrorCode::kDataCorrupt, "read", path);
  Table table;
  for (int i = 0; i < source->num_columns(); ++i) {
    const auto& name = source->field(i)->name();
    if (auto values = column_values(name, *source->column(i), dates))
      table.columns.push_back({name, std::move(*values)});
  }
  return table;
}

}  // namespace orrery
