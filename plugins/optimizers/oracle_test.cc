// The optimizers beside PyPortfolioOpt, Riskfolio-Lib, skfolio and CVXPY (optimizers_oracle.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/portfolio/frontier.h"
#include "plugins/optimizers/registry.h"
#include "testing/optimizer_cases.h"

namespace orrery::optimizer_oracle_test {
namespace {

using testing::OptimizerCase;

double dot(const std::vector<double>& left, const std::vector<double>& right) {
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
}

/// The mean of the worst (1 − confidence) of the losses, the last one by its part.
double tail_mean(std::vector<double> losses, double confidence) {
  std::sort(losses.begin(), losses.end(), std::greater<>());
  const double size = (1.0 - confidence) * static_cast<double>(losses.size());
  double sum = 0.0, left = size;
  for (const double loss : losses) {
    const double part = std::min(1.0, left);
    if (part <= 0.0) break;
    sum += part * loss;
    left -= part;
  }
  return sum / size;
}

std::vector<double> period_returns(const OptimizerCase& tried, const std::vector<double>& weights) {
  std::vector<double> sums;
  for (std::size_t period = 0; period < tried.problem.returns.periods; ++period) {
    const auto row = tried.problem.returns.row(period);
    sums.push_back(std::inner_product(row.begin(), row.end(), weights.begin(), 0.0));
  }
  return sums;
}

double cvar_of(const OptimizerCase& tried, const std::vector<double>& weights) {
  auto losses = period_returns(tried, weights);
  for (double& value : losses) value = -value;
  return tail_mean(losses, tried.number("confidence", 0.95));
}

double cdar_of(const OptimizerCase& tried, const std::vector<double>& weights) {
  double sum = 0.0, peak = 0.0;
  std::vector<double> drawdowns;
  for (const double value : period_returns(tried, weights)) {
    sum += value;
    peak = std::max(peak, sum);
    drawdowns.push_back(peak - sum);
  }
  return tail_mean(drawdowns, tried.number("confidence", 0.95));
}

double growth_loss(const OptimizerCase& tried, const std::vector<double>& weights) {
  double sum = 0.0;
  for (const double value : period_returns(tried, weights)) sum -= std::log1p(value);
  return sum / static_cast<double>(tried.problem.returns.periods);
}

/// What the optimizer is there to make small, written down once more from its definition.
double loss(const OptimizerCase& tried, const std::vector<double>& weights) {
  const PortfolioProblem& problem = tried.problem;
  const double variance = problem.risk.variance(weights), mean = dot(problem.expected_returns, weights);
  const double utility =
      tried.number("risk_aversion", 5.0) / 2.0 * variance - mean + trade_cost(problem, weights);
  std::vector<double> volatilities = problem.risk.variances();
  for (double& value : volatilities) value = std::sqrt(value);
  std::vector<double> active = weights;
  for (std::size_t i = 0; i < active.size(); ++i) active[i] -= problem.benchmark[i];
  const std::map<std::string, double> losses = {
      {"min_volatility", variance},
      {"utility", utility},
      {"max_sharpe", -(mean - tried.number("risk_free", 0.0)) / std::sqrt(variance)},
      {"target_return", variance},
      {"target_volatility", -mean},
      {"cvar", cvar_of(tried, weights)},
      {"cdar", cdar_of(tried, weights)},
      {"kelly", growth_loss(tried, weights)},
      {"max_diversification", -dot(volatilities, weights) / std::sqrt(variance)},
      {"tracking_error", problem.risk.variance(active)},
      {"worst_case", utility + tried.number("deviations", 1.0) / std::sqrt(tried.number("periods", 252.0)) *
                                   std::sqrt(variance)},
  };
  return losses.at(tried.optimizer);
}

class Beside : public ::testing::TestWithParam<OptimizerCase> {};

// No worse than theirs by more than 1e-8 of the objective: their solvers stop at about that (variances are of
// the order of 1e-5, of which they resolve 1e-13). Where the objective is strictly convex the weights agree
// as well. Where a method is a recipe for weights and no minimum, the weights themselves have to agree.
TEST_P(Beside, ThePeersTheObjectiveIsNoWorse) {
  const OptimizerCase& tried = GetParam();
  OptimizerRegistry registry("optimizer");
  plugins::optimizers::register_all(registry);
  const auto answer = optimize_portfolio(registry, tried.optimizer, tried.parameters, tried.problem);
  ASSERT_EQ(answer.weights.size(), tried.weights.size());
  EXPECT_NEAR(std::accumulate(answer.weights.begin(), answer.weights.end(), 0.0), 1.0, 1e-10);
  if (tried.tolerance) {
    for (std::size_t i = 0; i < answer.weights.size(); ++i)
      EXPECT_NEAR(answer.weights[i], tried.weights[i], *tried.tolerance);
    return;
  }
  const double own = loss(tried, answer.weights), theirs = loss(tried, tried.weights);
  EXPECT_LE(own, theirs + 1e-8 * std::abs(theirs) + 1e-12);
  EXPECT_NEAR(own, theirs, 1e-6 * std::abs(theirs) + 1e-12);
  for (std::size_t i = 0; i < answer.weights.size(); ++i)
    EXPECT_NEAR(answer.weights[i], tried.weights[i], 5e-3);
}

INSTANTIATE_TEST_SUITE_P(Cases, Beside, ::testing::ValuesIn(testing::read_optimizer_cases()),
                         [](const auto& info) { return info.param.label; });

TEST(RiskParity, ContributionsEqualTheBudgets) {
  OptimizerRegistry registry("optimizer");
  plugins::optimizers::register_all(registry);
  for (const auto& tried : testing::read_optimizer_cases()) {
    if (tried.optimizer != "risk_parity") continue;
    const auto weights = optimize_portfolio(registry, "risk_parity", {}, tried.problem).weights;
    const auto product = tried.problem.risk.times(weights);
    const double variance = dot(weights, product);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      const double budget = tried.problem.risk_budgets.empty() ? 1.0 / static_cast<double>(weights.size())
                                                               : tried.problem.risk_budgets[i];
      EXPECT_NEAR(weights[i] * product[i] / variance, budget, 1e-12);
    }
  }
}

}  // namespace
}  // namespace orrery::optimizer_oracle_test
