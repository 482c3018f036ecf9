#include "orrery/ml/label_life.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

void require_same_shape(const Panel& values, const RowPanel& last_rows) {
  if (values.rows() == last_rows.rows() && values.columns() == last_rows.columns()) return;
  throw internal_error(fmt::format("labels are {} × {}, their last rows {} × {}", values.rows(),
                                   values.columns(), last_rows.rows(), last_rows.columns()));
}

/// The first row after `row` at which a held out range begins.
std::size_t next_held_out(std::size_t row, const std::vector<RowRanges>& held_out) {
  std::size_t next = std::numeric_limits<std::size_t>::max();
  for (const RowRanges& rows : held_out) {
    for (const RowRange& range : rows.ranges()) {
      if (range.begin > row) next = std::min(next, range.begin);
    }
  }
  return next;
}

}  // namespace

Panel keep_apart(const Panel& values, const RowPanel& last_rows, const RowRanges& learned,
                 const std::vector<RowRanges>& held_out) {
  require_same_shape(values, last_rows);
  Panel kept(values.rows(), values.columns());
  for (const std::size_t row : learned.rows()) {
    const std::size_t limit = next_held_out(row, held_out);
    std::size_t labels = 0, known = 0;
    for (std::size_t i = 0; i < values.columns(); ++i) {
      if (std::isnan(values(row, i))) continue;
      ++labels;
      if (last_rows(row, i) < limit) ++known;
    }
    if (2 * known < labels) continue;
    for (std::size_t i = 0; i < values.columns(); ++i) {
      if (last_rows(row, i) < limit) kept(row, i) = values(row, i);
    }
  }
  return kept;
}

RowRanges rows_apart(const RowRanges& rows, const std::vector<RowRanges>& held_out, int span) {
  RowRanges apart;
  for (const std::size_t row : rows.rows()) {
    if (row + static_cast<std::size_t>(span) < next_held_out(row, held_out)) apart.append({row, row + 1});
  }
  return apart;
}

std::vector<std::size_t> last_row_of_sessions(const Panel& values, const RowPanel& last_rows) {
  require_same_shape(values, last_rows);
  std::vector<std::size_t> last(values.rows());
  for (std::size_t row = 0; row < values.rows(); ++row) {
    last[row] = row;
    for (std::size_t i = 0; i < values.columns(); ++i) {
      if (!std::isnan(values(row, i))) last[row] = std::max<std::size_t>(last[row], last_rows(row, i));
    }
  }
  return last;
}

}  // namespace orrery
