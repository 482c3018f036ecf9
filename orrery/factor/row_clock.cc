#include "orrery/factor/row_clock.h"

#include <cstddef>
#include <set>

namespace orrery {

std::vector<int> rows_of_time(int days, std::span<const Date> dates) {
  std::vector<int> result(dates.size(), days);
  std::size_t first = 0;  // the earliest row inside the window
  for (std::size_t t = 0; t < dates.size(); ++t) {
    while (dates[t] - dates[first] >= days) ++first;
    if (first > 0) result[t] = static_cast<int>(t - first) + 1;
  }
  return result;
}

std::vector<int> row_counts_of_time(int days, std::span<const Date> dates) {
  std::set<int> counts = {days};
  for (const int rows : rows_of_time(days, dates)) counts.insert(rows);
  return {counts.begin(), counts.end()};
}

}  // namespace orrery
