#pragma once

#include <span>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// Returns, for every row, how many rows are later than `days` calendar days before the row's date, the row
/// itself included: the rows of a window in time. So far back, too, lies the latest row that is at least
/// `days` days older. A row whose window begins before the first row gets `days`, more than there are: what a
/// row gets never depends on rows behind it. `dates` ascend.
std::vector<int> rows_of_time(int days, std::span<const Date> dates);

/// Returns the different numbers among rows_of_time, ascending; `days` is always one.
std::vector<int> row_counts_of_time(int days, std::span<const Date> dates);

}  // namespace orrery
