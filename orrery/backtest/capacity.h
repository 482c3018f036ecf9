#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "orrery/backtest/performance.h"

namespace orrery {

struct BacktestResult;
struct MarketData;

/// One fill of a run with what was known of its market before the session. NaN: not known.
struct ImpactTrade {
  std::size_t period = 0;     ///< index of the session in the run
  double equity_share = 0.0;  ///< value traded / equity before the session
  double daily_value = 0.0;   ///< mean value traded a session in the whole market, in the data's currency
  double volatility = 0.0;    ///< standard deviation of its daily returns
};

/// What the run would have earned with other assets under management.
struct CapacityPoint {
  double assets = 0.0;  ///< in the currency of the data, at every session
  double annual_return =
      std::numeric_limits<double>::quiet_NaN();  ///< net of impact; geometric; -1: all lost
  double excess_annual_return = std::numeric_limits<double>::quiet_NaN();  ///< over the universe's
  double sharpe = std::numeric_limits<double>::quiet_NaN();
  double impact_annual = 0.0;  ///< mean impact a session × sessions a year, fraction of the assets
  /// Half of the trades are a larger share of their market's trading a day than this.
  double median_participation = std::numeric_limits<double>::quiet_NaN();
};

/// How much money a run's trades would carry. NaN: there is no such amount, as `sharpe` or
/// `excess_annual_return` is not positive without impact; infinite: no amount up to 1e15 is enough.
struct Capacity {
  double impact_coefficient = 1.0;
  std::vector<CapacityPoint> points;
  double sharpe = std::numeric_limits<double>::quiet_NaN();                ///< without impact
  double excess_annual_return = std::numeric_limits<double>::quiet_NaN();  ///< without impact
  double assets_at_half_sharpe = std::numeric_limits<double>::quiet_NaN();
  double assets_at_no_excess = std::numeric_limits<double>::quiet_NaN();  ///< as much as the universe
  std::size_t trades = 0;
  std::size_t trades_without_history = 0;  ///< of these; they are taken to have no impact
};

/// Sessions before a trade from which its volatility and traded value are taken, and the fewest returns.
inline constexpr std::size_t kFewestImpactReturns = 10;

/// Gathers the fills of a backtest with the 20 sessions before each one's session: mean raw close × raw
/// volume, standard deviation (n - 1) of adjusted daily returns. Look-ahead: none.
std::vector<ImpactTrade> impact_trades(const MarketData& market, const BacktestResult& result);

/// Scales the trades of a run to other assets under management. A trade of value v costs
///   coefficient × volatility × sqrt(v / daily_value)
/// of its value, on top of the costs that the net returns have already: the square-root law of impact. The
/// holdings stay those of the run; limits by volume are not applied anew. `inputs`: net returns, and where
/// there are benchmark and cash returns.
/// Errors: kInvalidArgument for a negative coefficient or a trade outside the returns.
/// Sources: Grinold and Kahn (2000), Active Portfolio Management, ch. 16; Almgren, Thum, Hauptmann and Li
/// (2005), "Direct estimation of equity market impact" (exponent 0.6 there); a coefficient of about 1: Tóth
/// et al. (2011), "Anomalous price impact and the critical nature of liquidity".
Capacity measure_capacity(const PerformanceInputs& inputs, std::span<const ImpactTrade> trades,
                          double impact_coefficient);

}  // namespace orrery
