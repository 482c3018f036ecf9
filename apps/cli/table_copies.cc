#include "apps/cli/table_copies.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

std::string version_text(std::int64_t version) { return version < 0 ? "" : fmt::format("{}", version); }

Json version_json(std::int64_t version) { return version < 0 ? Json() : Json(version); }

Json to_json(const TableCopy& copy) {
  Json damaged = Json::array();
  for (const auto& file : copy.damaged) damaged.push_back({{"file", file.path}, {"reason", file.reason}});
  return {{"table", copy.table},
          {"version", version_json(copy.version)},
          {"earlier_version", version_json(copy.earlier_version)},
          {"files_copied", copy.files_copied},
          {"files_there", copy.files_there},
          {"bytes_copied", copy.bytes_copied},
          {"damaged", damaged}};
}

std::string as_json(const std::vector<TableCopy>& copies) {
  Json list = Json::array();
  for (const auto& copy : copies) list.push_back(to_json(copy));
  return list.dump(1) + "\n";
}

TextTable as_table(const std::vector<TableCopy>& copies) {
  TextTable table = {{"table", "version", "before", "files copied", "MB", "there already"}};
  for (const auto& copy : copies) {
    table.push_back({copy.table, version_text(copy.version), version_text(copy.earlier_version),
                     fmt::format("{}", copy.files_copied),
                     fmt::format("{:.1f}", static_cast<double>(copy.bytes_copied) / 1e6),
                     fmt::format("{}", copy.files_there)});
  }
  return table;
}

}  // namespace

void print_copies(CommandLine& line, const std::vector<TableCopy>& copies, bool json) {
  if (json) {
    line.terminal.print(as_json(copies));
  } else {
    line.terminal.print_table(as_table(copies));
  }
  std::size_t failed = 0;
  for (const auto& copy : copies) {
    failed += copy.damaged.empty() ? 0 : 1;
    for (const auto& file : copy.damaged) {
      if (!json) line.terminal.print(fmt::format("{}: {}\n", file.path, file.reason));
    }
  }
  if (failed > 0) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{} of {} tables have damaged files and stayed as they were in the copy",
                                     failed, copies.size()));
  }
}

}  // namespace orrery::cli
