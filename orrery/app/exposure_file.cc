#include "orrery/app/exposure_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 3> kSectorColumns = {"sector", "group", "industry"};

double read_style(const std::string& cell, const std::string& where) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  double value = 0.0;
  if (parse_number(cell, value) == NumberText::kNumber) return value;
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: '{}' is no number", where, cell));
}

}  // namespace

NameExposures read_exposures(const std::filesystem::path& path, const std::vector<std::string>& names) {
  const TextTable table = read_text_table(path);
  const std::size_t symbols = find_text_column(table, {"symbol", "ticker", "name"});
  NameExposures exposures;
  std::vector<std::size_t> styles;
  std::size_t sectors = table.header.size();
  for (std::size_t column = 0; column < table.header.size(); ++column) {
    if (column == symbols) continue;
    const bool sector =
        std::find(kSectorColumns.begin(), kSectorColumns.end(), table.header[column]) != kSectorColumns.end();
    if (sector) {
      sectors = column;
      exposures.sectors.resize(names.size());
    } else {
      styles.push_back(column);
      exposures.styles.emplace_back(names.size(), std::numeric_limits<double>::quiet_NaN());
    }
  }
  std::set<std::string> seen;
  for (const auto& row : table.rows) {
    if (!seen.insert(row[symbols]).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: '{}' stands twice", path.string(), row[symbols]));
    }
    const auto found = std::find(names.begin(), names.end(), row[symbols]);
    if (found == names.end()) continue;
    const auto place = static_cast<std::size_t>(found - names.begin());
    if (sectors < table.header.size()) exposures.sectors[place] = row[sectors];
    for (std::size_t i = 0; i < styles.size(); ++i) {
      exposures.styles[i][place] = read_style(
          row[styles[i]], fmt::format("{}: {} of {}", path.string(), table.header[styles[i]], row[symbols]));
    }
  }
  return exposures;
}

}  // namespace orrery
