#pragma once

#include <string>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// What a portfolio promises and what getting there costs; how its risk and weights are spread is the risk
/// room's (position_risk.h).
struct PortfolioSummary {
  double expected_return = 0.0;  ///< of one period; NaN where expected returns are unknown
  double volatility = 0.0;       ///< of one period
  double diversification = 0.0;  ///< ratio of the names' weighted mean volatility to the portfolio's
  double turnover = 0.0;         ///< one-way, from the current weights
  double cost = 0.0;             ///< of that trade, in returns of one period
};

PortfolioSummary summarise_portfolio(const PortfolioProblem& problem, const std::vector<double>& weights);

}  // namespace orrery
