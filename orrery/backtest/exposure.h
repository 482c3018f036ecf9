#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/panel.h"

namespace orrery {

struct BacktestResult;
struct MarketData;

/// What the holdings were exposed to after each session's close, by what was known then. NaN: nothing was
/// held, or nothing of it has a value. Cash beside holdings has no exposure.
struct Exposure {
  std::vector<Date> dates;
  std::vector<double> size;           ///< sum of weight × size score; that of the equal-weight universe is 0
  std::vector<double> beta;           ///< sum of weight × trailing beta to the equal-weight universe
  std::vector<double> universe_beta;  ///< mean trailing beta of the universe's names
};

/// Sessions over which a beta is estimated, and the fewest returns within them.
inline constexpr std::size_t kBetaSessions = 252;
inline constexpr std::size_t kFewestBetaReturns = 60;

/// Measures the holdings of a backtest session by session. A name's size score is the z-score, among the
/// names eligible that day, of the logarithm of its mean traded value over the last 20 sessions: a stand-in
/// for market value, which needs shares outstanding. `universe_returns`: one a row of the market. A holding
/// whose score or beta is not known weighs as the others do on average.
/// Look-ahead: none; row t reads rows <= t.
Exposure measure_exposure(const MarketData& market, const MaskPanel& eligible, const BacktestResult& result,
                          std::span<const double> universe_returns);

/// Returns the slope of each instrument's returns on `universe_returns` over the kBetaSessions sessions up to
/// and with row t, where at least kFewestBetaReturns of them are there; NaN elsewhere, and in rows before
/// `first_row`. Returns are those of adjusted closes on neighbouring sessions. Look-ahead: none.
Panel trailing_betas(const Panel& close, std::span<const double> universe_returns, std::size_t first_row);

/// Returns the z-score (divisor n) of the logarithm of the trailing traded value among the eligible names of
/// one session; NaN for the others and for names without trading. Look-ahead: none.
std::vector<double> size_scores(const MarketData& market, const MaskPanel& eligible, std::size_t row);

}  // namespace orrery
