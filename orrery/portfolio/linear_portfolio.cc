#include "orrery/portfolio/linear_portfolio.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/portfolio/portfolio_program.h"

namespace orrery {
namespace {

constexpr double kUnlimited = std::numeric_limits<double>::infinity();

}  // namespace

LinearPortfolio::LinearPortfolio(std::size_t names) : names_(names) {
  for (std::size_t i = 0; i < names; ++i) add_column(0.0, -kUnlimited, kUnlimited);
}

std::size_t LinearPortfolio::add_column(double cost, double lower, double upper) {
  program_.cost.push_back(cost);
  program_.lower.push_back(lower);
  program_.upper.push_back(upper);
  return program_.cost.size() - 1;
}

void LinearPortfolio::add_row(const std::vector<std::pair<std::size_t, double>>& entries, double low,
                              double high) {
  add_row({}, entries, low, high);
}

void LinearPortfolio::add_row(std::span<const double> loadings,
                              const std::vector<std::pair<std::size_t, double>>& entries, double low,
                              double high) {
  program_.begin_row(low, high);
  for (std::size_t i = 0; i < loadings.size(); ++i) program_.add_entry(i, loadings[i]);
  for (const auto& [column, value] : entries) program_.add_entry(column, value);
}

void LinearPortfolio::add_distance(const std::vector<double>& centre, const std::vector<double>& cost,
                                   double limit) {
  std::vector<std::pair<std::size_t, double>> all;
  for (std::size_t i = 0; i < names_; ++i) {
    const double price = cost.empty() ? 0.0 : cost[i];
    const std::size_t up = add_column(price, 0.0, kUnlimited), down = add_column(price, 0.0, kUnlimited);
    add_row({{i, 1.0}, {up, -1.0}, {down, 1.0}}, centre[i], centre[i]);
    all.emplace_back(up, 1.0);
    all.emplace_back(down, 1.0);
  }
  if (std::isfinite(limit)) add_row(all, -kUnlimited, limit);
}

std::size_t LinearPortfolio::add_tail_mean(double confidence, std::size_t quantities,
                                           std::vector<std::size_t>& beyond) {
  const double share = 1.0 / ((1.0 - confidence) * static_cast<double>(quantities));
  for (std::size_t i = 0; i < quantities; ++i) beyond.push_back(add_column(share, 0.0, kUnlimited));
  return add_column(1.0, -kUnlimited, kUnlimited);
}

void LinearPortfolio::add_constraints(const PortfolioProblem& problem) {
  if (!problem.costs.power.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "impact costs (of the power 3/2) can't be part of a linear program such as CVaR's or CDaR's; "
        "leave them out, or choose an objective with variance");
  }
  const PortfolioConstraints& constraints = problem.constraints;
  std::copy(constraints.lower.begin(), constraints.lower.end(), program_.lower.begin());
  std::copy(constraints.upper.begin(), constraints.upper.end(), program_.upper.begin());
  add_row(std::vector<double>(names_, 1.0), {}, constraints.budget, constraints.budget);
  for (const auto& limit : constraints.exposures) add_row(limit.loadings, {}, limit.low, limit.high);
  if (constraints.turnover || !problem.costs.linear.empty()) {
    add_distance(current_weights(problem), problem.costs.linear,
                 constraints.turnover ? 2.0 * *constraints.turnover : kUnlimited);
  }
  if (constraints.gross) add_distance(std::vector<double>(names_, 0.0), {}, *constraints.gross);
}

std::vector<double> solve_linear_portfolio(LinearPortfolio& portfolio, const PortfolioProblem& problem) {
  const LinearSolution solution = solve_linear_program(portfolio.program());
  if (solution.status != LinearStatus::kOptimal) throw_infeasible(problem);
  return {solution.x.begin(), solution.x.begin() + static_cast<std::ptrdiff_t>(portfolio.names())};
}

}  // namespace orrery
