#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "orrery/market/panel.h"
#include "plugins/providers/simulated/economy.h"
#include "plugins/providers/simulated/paths.h"

namespace orrery::plugins::providers::simulated {

/// One day of one instrument as it would be delivered.
struct Bar {
  std::size_t row = 0;  ///< session
  double open = 0.0;
  double high = 0.0;
  double low = 0.0;
  double close = 0.0;
  double adjusted_close = 0.0;  ///< as seen from the last day: close × the product of later adjustments
  std::int64_t volume = 0;
};

/// A split or dividend that takes effect before the open of a session.
struct CorporateAction {
  std::size_t row = 0;
  double split_ratio = 1.0;  ///< new shares for one old share
  double dividend = 0.0;     ///< cash for one new share
};

/// The whole life of one instrument.
struct BarSeries {
  std::vector<Bar> bars;
  std::vector<CorporateAction> actions;
};

/// Makes one instrument's bars from its returns: raw prices fall by splits and dividends, adj_close does not;
/// open and extremes come from a Brownian bridge between closes; prices are multiples of the tick.
BarSeries make_bars(const SimulatedMarketOptions& options, const std::vector<Instrument>& instruments,
                    const Paths& paths, std::size_t instrument);

}  // namespace orrery::plugins::providers::simulated
