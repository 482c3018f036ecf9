#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "orrery/risk/exception_tests.h"
#include "orrery/risk/shortfall_tests.h"
#include "orrery/risk/value_at_risk.h"

namespace orrery {

struct TailBacktestSettings {
  TailSettings tail;
  std::size_t window = 250;  ///< periods that a forecast is made from
  ExceptionTestSettings tests;
  int simulations = 10'000;  ///< for the p-values of the tests of CVaR
};

/// A forecast and what came of it.
struct TestedForecast {
  std::size_t first = 0;  ///< place in the series of the first period it is about
  double value_at_risk = 0.0;
  double expected_shortfall = 0.0;
  double realised = 0.0;  ///< return of the horizon
};

struct TailBacktest {
  TailMethod method = TailMethod::kHistorical;
  std::vector<TestedForecast> forecasts;
  std::size_t unreliable = 0;  ///< forecasts outside Cornish–Fisher's domain
  ExceptionTests exceptions;
  std::optional<ShortfallTests> shortfall;  ///< nothing: some forecast's CVaR was no loss
};

/// Forecasts each horizon from the `window` periods before it and tests what came. Horizons longer than a
/// period follow one another without overlap, since the tests want independent ones. Look-ahead: none; the
/// forecast of period t reads periods < t. Errors: kInvalidArgument for a series with no horizon after the
/// window, and as forecast_returns.
TailBacktest backtest_tail_risk(std::span<const double> returns, TailMethod method,
                                const TailBacktestSettings& settings);

}  // namespace orrery
