#include "orrery/data/arrow_stream.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>

#include "orrery/data/arrow_status.h"
#include "orrery/data/arrow_table.h"

namespace orrery {

std::string arrow_stream(const Table& table) {
  const std::filesystem::path name = "an Arrow stream";
  const auto whole = arrow_table(table, name);
  const auto bytes = arrow_value(arrow::io::BufferOutputStream::Create(), ErrorCode::kInternal, "make", name);
  const auto writer =
      arrow_value(arrow::ipc::MakeStreamWriter(bytes, whole->schema()), ErrorCode::kInternal, "make", name);
  check_arrow(writer->WriteTable(*whole), ErrorCode::kInternal, "write", name);
  check_arrow(writer->Close(), ErrorCode::kInternal, "write", name);
  return arrow_value(bytes->Finish(), ErrorCode::kInternal, "write", name)->ToString();
}

}  // namespace orrery
