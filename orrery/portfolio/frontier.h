#pragma once

#include <functional>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// A portfolio that trades return for variance at one rate: it maximises
/// net return − risk_aversion / 2 · variance over the constraints but those that are not convex (max_names,
/// minimum_trade), which solve_in_rounds() adds around a search.
struct FrontierPoint {
  double risk_aversion = 0.0;
  std::vector<double> weights;
  double net_return = 0.0;  ///< of one period: expected returns less the problem's trading costs
  double variance = 0.0;
};

/// Returns the portfolio for one risk aversion > 0; larger ones lead to the least variance.
FrontierPoint frontier_point(const PortfolioProblem& problem, const std::vector<double>& expected_returns,
                             double risk_aversion);

/// Returns the point where `condition`, which grows with the risk aversion, goes through zero. Where it is
/// above zero at the very end of high returns, that end; where it stays below zero down to the least
/// variance, that one.
FrontierPoint search_frontier(const PortfolioProblem& problem, const std::vector<double>& expected_returns,
                              const std::function<double(const FrontierPoint&)>& condition);

/// Returns what going from the current weights to `weights` costs.
double trade_cost(const PortfolioProblem& problem, const std::vector<double>& weights);

}  // namespace orrery
