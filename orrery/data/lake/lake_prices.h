#pragma once

#include "orrery/base/progress.h"
#include "orrery/data/lake/lake_view.h"
#include "orrery/data/prices.h"

namespace orrery {

/// Reads daily bars from a lake into panels, by the rules of load_prices: raw bars of the view's table,
/// actions of corporate_actions where there is one (a dividend or split known as of the view's time, at the
/// first bar on or after its day). Columns `adj_close`, `dividend` and `split_ratio` of the bars are not
/// read: the former is as its source saw it later, the latter are facts of their own. Missing values of other
/// columns: NaN; a column without any value is left out.
///
/// The fingerprint is that of the values read: another version of the tables that shows the same view has the
/// same one. `source.path` is not used; table_versions says what was read.
/// Look-ahead: none before the view's time, given true known times.
/// Errors: as load_prices; kNotFound for a table, column or version that is not there.
PriceLoad load_lake_prices(const LakeView& view, const PriceSource& source,
                           Progress& progress = silent_progress());

}  // namespace orrery
