#pragma once

#include <cmath>
#include <filesystem>

#include "orrery/base/date.h"
#include "orrery/data/parquet.h"

namespace orrery::testing {

/// Multiplies all prices of the sessions from `first` on, by another number every day.
inline void change_future(const std::filesystem::path& from, const std::filesystem::path& to, Date first) {
  Table table = read_parquet(from);
  const auto dates = std::get<std::vector<Date>>(table.column("date").values);
  for (auto& column : table.columns) {
    auto* values = std::get_if<std::vector<double>>(&column.values);
    if (values == nullptr || column.name == "volume") continue;
    for (std::size_t row = 0; row < dates.size(); ++row) {
      if (dates[row] >= first)
        (*values)[row] *= 1.0 + 0.3 * std::sin(dates[row].days + static_cast<double>(row));
    }
  }
  write_parquet(table, to);
}

}  // namespace orrery::testing
