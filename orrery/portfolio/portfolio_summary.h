#pragma once

#include <string>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// What a portfolio looks like.
struct PortfolioSummary {
  double expected_return = 0.0;  ///< of one period; NaN where expected returns are unknown
  double volatility = 0.0;       ///< of one period
  double diversification = 0.0;  ///< ratio of the names' weighted mean volatility to the portfolio's
  double effective_names = 0.0;  ///< 1 / Σ (w / Σ|w|)²: as many equal positions would be as concentrated
  double gross = 0.0;            ///< Σ |w|
  double turnover = 0.0;         ///< one-way, from the current weights
  double cost = 0.0;             ///< of that trade, in returns of one period
  std::vector<double>
      risk_shares;  ///< of each name: part of the variance that its position brings; adds up to 1
};

PortfolioSummary summarise_portfolio(const PortfolioProblem& problem, const std::vector<double>& weights);

}  // namespace orrery
