#include "orrery/portfolio/portfolio_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr int kMinimumTradeRounds = 5;

QuadraticProgram make_program(const PortfolioProblem& problem, const RiskModel& risk,
                              const QuadraticObjective& objective) {
  const std::size_t names = problem.names.size();
  const PortfolioConstraints& constraints = problem.constraints;
  QuadraticProgram program;
  program.risk = &risk;
  program.curvature = objective.curvature;
  program.linear = objective.linear.empty() ? std::vector<double>(names, 0.0) : objective.linear;
  program.lower = constraints.lower;
  program.upper = constraints.upper;
  program.rows.push_back({std::vector<double>(names, 1.0), constraints.budget, constraints.budget});
  for (const auto& limit : constraints.exposures)
    program.rows.push_back({limit.loadings, limit.low, limit.high});
  const bool costs = !problem.costs.linear.empty() || !problem.costs.power.empty();
  if (costs || constraints.turnover) {
    AbsoluteDistance trades{current_weights(problem), problem.costs.linear, problem.costs.power};
    if (constraints.turnover) trades.limit = 2.0 * *constraints.turnover;
    program.distances.push_back(std::move(trades));
  }
  const bool shorts = std::any_of(constraints.lower.begin(), constraints.lower.end(),
                                  [](double lower) { return lower < 0.0; });
  if (constraints.gross && (shorts || *constraints.gross < constraints.budget)) {
    program.distances.push_back({std::vector<double>(names, 0.0), {}, {}, *constraints.gross});
  }
  return program;
}

void fix_weight(PortfolioConstraints& constraints, std::size_t name, double weight) {
  constraints.lower[name] = weight;
  constraints.upper[name] = weight;
}

/// Leaves only the largest weights, where zero is allowed for the others. Returns whether any had to go.
bool limit_names(const std::vector<double>& weights, PortfolioConstraints& constraints) {
  const auto most = static_cast<std::size_t>(*constraints.max_names);
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    return std::abs(weights[left]) > std::abs(weights[right]);
  });
  if (most >= order.size() || std::abs(weights[order[most]]) <= kNoWeight) return false;
  for (std::size_t place = most; place < order.size(); ++place) {
    const std::size_t name = order[place];
    if (constraints.lower[name] <= 0.0 && constraints.upper[name] >= 0.0) fix_weight(constraints, name, 0.0);
  }
  return true;
}

/// Fixes the weights whose change would be too small. Returns whether there were any.
bool fix_small_trades(const std::vector<double>& weights, const std::vector<double>& current,
                      PortfolioConstraints& constraints) {
  bool changed = false;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double trade = std::abs(weights[i] - current[i]);
    if (trade == 0.0 || trade >= constraints.minimum_trade) continue;
    if (current[i] < constraints.lower[i] || current[i] > constraints.upper[i])
      continue;  // a limit asks for it
    fix_weight(constraints, i, current[i]);
    changed = true;
  }
  return changed;
}

std::vector<double> minimise_with(const PortfolioProblem& problem, const RiskModel& risk,
                                  const QuadraticObjective& objective) {
  return solve_in_rounds(problem, [&](const PortfolioProblem& round) {
    QuadraticSolution solution = solve_quadratic_program(make_program(round, risk, objective));
    if (!solution.solved) throw_infeasible(round);
    return std::move(solution.x);
  });
}

}  // namespace

std::vector<double> solve_in_rounds(
    const PortfolioProblem& problem,
    const std::function<std::vector<double>(const PortfolioProblem&)>& solve) {
  check_problem(problem);
  const auto current = current_weights(problem);
  // An interior-point method has no way where there is no room at all.
  if (problem.constraints.turnover && *problem.constraints.turnover <= 0.0) return current_weights(problem);
  auto weights = solve(problem);
  const bool few = problem.constraints.max_names.has_value(),
             coarse = problem.constraints.minimum_trade > 0.0;
  if (!few && !coarse) return weights;
  PortfolioProblem round = problem;
  if (few && limit_names(weights, round.constraints)) weights = solve(round);
  for (int i = 0; coarse && i < kMinimumTradeRounds; ++i) {
    if (!fix_small_trades(weights, current, round.constraints)) break;
    try {
      weights = solve(round);
    } catch (const Error&) {
      break;  // too much is fixed: the last answer stands
    }
  }
  return weights;
}

std::vector<double> minimise_objective(const PortfolioProblem& problem, const QuadraticObjective& objective) {
  return minimise_with(problem, problem.risk, objective);
}

std::vector<double> nearest_allowed(const PortfolioProblem& problem, const std::vector<double>& wanted) {
  const RiskModel identity = RiskModel::factors({}, SquareMatrix(0), std::vector<double>(wanted.size(), 1.0));
  QuadraticObjective distance;
  for (const double weight : wanted) distance.linear.push_back(-weight);
  PortfolioProblem free = problem;
  free.costs = {};
  return minimise_with(free, identity, distance);
}

}  // namespace orrery
