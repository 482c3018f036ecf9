#include "orrery/portfolio/portfolio_summary.h"

#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/portfolio/frontier.h"

namespace orrery {

PortfolioSummary summarise_portfolio(const PortfolioProblem& problem, const std::vector<double>& weights) {
  PortfolioSummary summary;
  const auto variances = problem.risk.variances();
  const auto current = current_weights(problem);
  const double variance = problem.risk.variance(weights);
  double own = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    summary.turnover += 0.5 * std::abs(weights[i] - current[i]);
    own += std::abs(weights[i]) * std::sqrt(variances[i]);
  }
  summary.volatility = std::sqrt(variance);
  summary.diversification = variance > 0.0 ? own / summary.volatility : 1.0;
  summary.cost = trade_cost(problem, weights);
  summary.expected_return =
      problem.expected_returns.empty()
          ? std::numeric_limits<double>::quiet_NaN()
          : std::inner_product(weights.begin(), weights.end(), problem.expected_returns.begin(), 0.0);
  return summary;
}

}  // namespace orrery
