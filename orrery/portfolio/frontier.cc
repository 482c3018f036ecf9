#include "orrery/portfolio/frontier.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/portfolio/portfolio_program.h"

namespace orrery {
namespace {

constexpr double kSmallestStep = 1e-11;  ///< in the logarithm of the risk aversion
constexpr int kMaxSteps = 80;
constexpr double kDecades = 9.0;  ///< of risk aversion on either side of the natural one

/// Returns the risk aversion at which return and variance weigh about the same.
double natural_risk_aversion(const PortfolioProblem& problem, const std::vector<double>& expected_returns) {
  double largest = 0.0;
  for (const double value : expected_returns) largest = std::max(largest, std::abs(value));
  const auto variances = problem.risk.variances();
  const double mean =
      std::accumulate(variances.begin(), variances.end(), 0.0) / static_cast<double>(variances.size());
  return largest > 0.0 && mean > 0.0 ? largest / mean : 1.0;
}

}  // namespace

double trade_cost(const PortfolioProblem& problem, const std::vector<double>& weights) {
  const auto current = current_weights(problem);
  double cost = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double trade = std::abs(weights[i] - current[i]);
    if (!problem.costs.linear.empty()) cost += problem.costs.linear[i] * trade;
    if (!problem.costs.power.empty()) cost += problem.costs.power[i] * trade * std::sqrt(trade);
  }
  return cost;
}

FrontierPoint frontier_point(const PortfolioProblem& problem, const std::vector<double>& expected_returns,
                             double risk_aversion) {
  QuadraticObjective objective{risk_aversion, {}};
  for (const double value : expected_returns) objective.linear.push_back(-value);
  FrontierPoint point{risk_aversion, minimise_convex(problem, objective)};
  point.net_return = std::inner_product(point.weights.begin(), point.weights.end(), expected_returns.begin(),
                                        -trade_cost(problem, point.weights));
  point.variance = problem.risk.variance(point.weights);
  return point;
}

FrontierPoint search_frontier(const PortfolioProblem& problem, const std::vector<double>& expected_returns,
                              const std::function<double(const FrontierPoint&)>& condition) {
  const auto at = [&](double logarithm) {
    return frontier_point(problem, expected_returns, std::exp(logarithm));
  };
  const double natural = std::log(natural_risk_aversion(problem, expected_returns));
  const double reach = kDecades * std::log(10.0);
  // From the natural one outwards, ten times at a time, until the zero lies between two points.
  double low = natural, high = natural;
  FrontierPoint low_point = at(natural), high_point = low_point;
  double low_value = condition(low_point), high_value = low_value;
  while (low_value > 0.0 && low > natural - reach) {
    std::tie(high, high_point, high_value) = std::tuple(low, low_point, low_value);
    low -= std::log(10.0);
    low_point = at(low);
    low_value = condition(low_point);
  }
  while (high_value < 0.0 && high < natural + reach) {
    std::tie(low, low_point, low_value) = std::tuple(high, high_point, high_value);
    high += std::log(10.0);
    high_point = at(high);
    high_value = condition(high_point);
  }
  if (low_value >= 0.0) return low_point;
  if (high_value <= 0.0) return high_point;
  // The Illinois method: regula falsi that halves the weight of an end that stays.
  int side = 0;
  for (int step = 0; step < kMaxSteps && high - low > kSmallestStep; ++step) {
    double middle = (low * high_value - high * low_value) / (high_value - low_value);
    if (!(middle > low && middle < high)) middle = 0.5 * (low + high);
    FrontierPoint point = at(middle);
    const double value = condition(point);
    if (value == 0.0) return point;
    if (value < 0.0) {
      std::tie(low, low_value) = std::pair(middle, value);
      low_point = std::move(point);
      if (side == -1) high_value *= 0.5;
      side = -1;
    } else {
      std::tie(high, high_value) = std::pair(middle, value);
      high_point = std::move(point);
      if (side == 1) low_value *= 0.5;
      side = 1;
    }
    if (std::abs(value) <= 1e-14 * std::max(1e-300, high_point.variance)) break;
  }
  return side == -1 ? low_point : high_point;
}

}  // namespace orrery
