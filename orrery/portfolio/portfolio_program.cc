#include "orrery/portfolio/portfolio_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr int kMinimumTradeRounds = 30;
constexpr double kNoTrade = 1e-9;
constexpr double kUnmovedTolerance = 1e-9;  ///< of constraints, where nothing may be traded

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

bool may_be_zero(const PortfolioConstraints& constraints, std::size_t name) {
  return constraints.lower[name] <= 0.0 && constraints.upper[name] >= 0.0;
}

/// Errors: kInvalidArgument where more names than allowed can't be 0.
void check_max_names(const PortfolioConstraints& constraints) {
  int needed = 0;
  for (std::size_t i = 0; i < constraints.lower.size(); ++i) needed += may_be_zero(constraints, i) ? 0 : 1;
  if (needed <= *constraints.max_names) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("max_names is {}, but {} names have limits that don't allow a weight of 0",
                               *constraints.max_names, needed));
}

/// Leaves only the largest weights and those that can't be 0. Returns whether any had to go.
bool limit_names(const std::vector<double>& weights, PortfolioConstraints& constraints) {
  const auto most = static_cast<std::size_t>(*constraints.max_names);
  std::vector<std::size_t> order(weights.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
    const bool left_free = may_be_zero(constraints, left), right_free = may_be_zero(constraints, right);
    if (left_free != right_free) return right_free;
    return std::abs(weights[left]) > std::abs(weights[right]);
  });
  const auto held = std::count_if(weights.begin(), weights.end(),
                                  [](double weight) { return std::abs(weight) > kNoWeight; });
  if (static_cast<std::size_t>(held) <= most) return false;
  for (std::size_t place = most; place < order.size(); ++place) fix_weight(constraints, order[place], 0.0);
  return true;
}

/// Returns the names whose change is too small and may be left out, the smallest changes first.
std::vector<std::size_t> small_trades(const std::vector<double>& weights, const std::vector<double>& current,
                                      const PortfolioConstraints& constraints) {
  std::vector<std::size_t> small;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const double trade = std::abs(weights[i] - current[i]);
    if (trade <= kNoTrade || trade >= constraints.minimum_trade) continue;
    if (current[i] < constraints.lower[i] || current[i] > constraints.upper[i])
      continue;  // a limit asks for it
    small.push_back(i);
  }
  std::stable_sort(small.begin(), small.end(), [&](std::size_t left, std::size_t right) {
    return std::abs(weights[left] - current[left]) < std::abs(weights[right] - current[right]);
  });
  return small;
}

/// Solves again with small trades left out, half of them at a time and single ones where half are too many,
/// until there are none or no more can go.
std::vector<double> drop_small_trades(
    PortfolioProblem& round, std::vector<double> weights,
    const std::function<std::vector<double>(const PortfolioProblem&)>& solve) {
  const auto current = current_weights(round);
  std::size_t share = 2;
  for (int i = 0; i < kMinimumTradeRounds; ++i) {
    const auto small = small_trades(weights, current, round.constraints);
    if (small.empty()) break;
    PortfolioProblem next = round;
    const std::size_t count = share == 0 ? 1 : (small.size() + share - 1) / share;
    for (std::size_t j = 0; j < count; ++j) fix_weight(next.constraints, small[j], current[small[j]]);
    try {
      weights = solve(next);
      round = std::move(next);
    } catch (const Error&) {
      if (count == 1) break;  // too much is fixed: the last answer stands
      share = 0;
    }
  }
  return weights;
}

std::vector<double> minimise_once(const PortfolioProblem& problem, const RiskModel& risk,
                                  const QuadraticObjective& objective) {
  QuadraticSolution solution = solve_quadratic_program(make_program(problem, risk, objective));
  if (!solution.solved) throw_infeasible(problem);
  return std::move(solution.x);
}

std::vector<double> minimise_with(const PortfolioProblem& problem, const RiskModel& risk,
                                  const QuadraticObjective& objective) {
  return solve_in_rounds(
      problem, [&](const PortfolioProblem& round) { return minimise_once(round, risk, objective); });
}

}  // namespace

std::vector<double> solve_in_rounds(
    const PortfolioProblem& problem,
    const std::function<std::vector<double>(const PortfolioProblem&)>& solve) {
  check_problem(problem);
  // An interior-point method has no way where there is no room at all.
  if (problem.constraints.turnover && *problem.constraints.turnover <= 0.0) {
    auto current = current_weights(problem);
    if (!satisfies_constraints(problem, current, kUnmovedTolerance)) throw_infeasible(problem);
    return current;
  }
  if (problem.constraints.max_names) check_max_names(problem.constraints);
  auto weights = solve(problem);
  PortfolioProblem round = problem;
  if (problem.constraints.max_names && limit_names(weights, round.constraints)) {
    try {
      weights = solve(round);
    } catch (const Error& error) {
      throw user_error(error.code(), fmt::format("with the {} largest positions alone (max_names): {}",
                                                 *problem.constraints.max_names, error.what()));
    }
  }
  if (problem.constraints.minimum_trade > 0.0) weights = drop_small_trades(round, std::move(weights), solve);
  return weights;
}

std::vector<double> minimise_convex(const PortfolioProblem& problem, const QuadraticObjective& objective) {
  check_problem(problem);
  return minimise_once(problem, problem.risk, objective);
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
