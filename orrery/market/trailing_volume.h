#pragma once

#include <cstddef>

#include "orrery/market/panel.h"

namespace orrery {

/// Sessions over which the customary average of the traded value is taken.
inline constexpr std::size_t kVolumeSessions = 20;

/// Returns the mean of close × volume over the bars of the last kVolumeSessions sessions up to and with
/// `row`, recomputed from the window itself so that it can't drift. Both panels raw: the currency of the
/// data. NaN where there is no bar. Look-ahead: none.
double trailing_dollar_volume(const Panel& close, const Panel& volume, std::size_t row,
                              std::size_t instrument);

}  // namespace orrery
