#pragma once

#include <cstdint>
#include <vector>

#include "orrery/market/panel.h"
#include "orrery/market/row_ranges.h"

namespace orrery {

/// A row for every cell.
using RowPanel = PanelT<std::uint32_t>;

/// A label whose cells become known at different times.
struct Label {
  Panel values;
  RowPanel last_rows;  ///< the row on which the cell's label is known; 0 where it is missing
};

/// Returns the label on the rows of `learned`, without the cells that reach what is held out: those whose
/// last row is at or after the first row of a `held_out` range that follows them. NaN there and on all other
/// rows. A session that would keep fewer than half of its labels keeps none: those few were decided
/// early, and say little of the others, nor could they be ranked against them. `values`, `last_rows`: same
/// shape. Source: López de Prado (2018), "Advances in financial machine learning", snippet 7.1; the half is
/// ours. Errors: kInternal when shapes differ.
Panel keep_apart(const Panel& values, const RowPanel& last_rows, const RowRanges& learned,
                 const std::vector<RowRanges>& held_out);

/// Returns the rows of which every label, `span` rows long at most, is known before the first row of a
/// `held_out` range that follows it.
RowRanges rows_apart(const RowRanges& rows, const std::vector<RowRanges>& held_out, int span);

/// Returns by row the last row that any of its labels is known on, at least the row itself.
std::vector<std::size_t> last_row_of_sessions(const Panel& values, const RowPanel& last_rows);

}  // namespace orrery
