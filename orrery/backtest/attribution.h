#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/date.h"

namespace orrery {

struct FactorReturns;

/// How much of a factor the returns moved with.
struct FactorLoading {
  std::string factor;
  double beta = std::numeric_limits<double>::quiet_NaN();
  double t = std::numeric_limits<double>::quiet_NaN();  ///< HAC
};

/// Net returns over cash, regressed on a constant and factors. NaN: not computable.
struct FactorRegression {
  double alpha = kMissing;    ///< a year: (1 + constant)^periods_per_year - 1
  double alpha_t = kMissing;  ///< HAC t of the constant
  std::vector<FactorLoading> loadings;
  double r_squared = kMissing;
  double residual_volatility = kMissing;  ///< a year
  std::size_t periods = 0;                ///< sessions, or months, with a return and every factor
  int lag = 0;                            ///< Newey-West lag, in periods

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// What a file of factors has in common with a run.
struct FactorOverlap {
  std::string file;
  bool monthly = false;         ///< the run's returns are compounded to whole calendar months
  bool percent = false;         ///< the file's numbers were read as percent
  bool own_cash_rate = false;   ///< the file's RF is the cash rate of its regression
  Date first, last;             ///< of the file
  std::size_t run_periods = 0;  ///< sessions of the run, or whole months
  std::size_t common = 0;       ///< of these, in the file with every factor
  std::size_t needed = 0;       ///< fewest for a regression
};

/// Where the returns of a run came from, seen afterwards: for explanation, never for learning.
struct Attribution {
  FactorRegression universe;                ///< on the equal-weight universe over cash
  std::optional<FactorRegression> factors;  ///< on the file's factors, where enough of it overlaps
  std::optional<FactorOverlap> overlap;     ///< where a file was given
};

/// Regresses net returns over cash on the equal-weight universe over cash and, where `factors` is given, on
/// all of its factors at once, over the sessions that both have. Its cash rate is the file's RF where it has
/// one. Monthly factors: returns and cash are compounded within each calendar month of which `sessions` (all
/// sessions of the calendar, at least in the months of the run) has none outside the run. With fewer than
/// three periods a coefficient, or twenty in all, there is no regression on the file.
/// Standard errors: Newey and West, Bartlett weights, lag floor(4 (n/100)^(2/9)).
/// Look-ahead: it looks back on what happened. Source: Fama and French (1993, 2015); statsmodels OLS,
/// cov_type="HAC".
Attribution attribute_returns(const PerformanceInputs& inputs, const FactorReturns* factors,
                              std::span<const Date> sessions);

}  // namespace orrery
