#include "orrery/portfolio/portfolio_problem.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

[[noreturn]] void refuse_problem(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, what);
}

void check_entries(const PortfolioProblem& problem, const char* what, const std::vector<double>& values,
                   bool may_be_empty) {
  if (values.empty() && may_be_empty) return;
  if (values.size() != problem.names.size()) {
    refuse_problem(fmt::format("{} {} for {} names", values.size(), what, problem.names.size()));
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) refuse_problem(fmt::format("{} of '{}' is missing", what, problem.names[i]));
  }
}

void check_bounds(const PortfolioProblem& problem) {
  const auto& [lower, upper] = std::pair(problem.constraints.lower, problem.constraints.upper);
  check_entries(problem, "lowest weights", lower, false);
  check_entries(problem, "highest weights", upper, false);
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (lower[i] <= upper[i]) continue;
    refuse_problem(fmt::format("the weight of '{}' must be at least {} and at most {}", problem.names[i],
                               lower[i], upper[i]));
  }
}

}  // namespace

void check_problem(const PortfolioProblem& problem) {
  if (problem.names.empty()) refuse_problem("a portfolio of no names");
  if (problem.risk.names() != problem.names.size()) {
    refuse_problem(
        fmt::format("a covariance of {} names for {}", problem.risk.names(), problem.names.size()));
  }
  const auto variances = problem.risk.variances();
  for (std::size_t i = 0; i < variances.size(); ++i) {
    if (variances[i] >= 0.0 && std::isfinite(variances[i])) continue;
    refuse_problem(fmt::format("the variance of '{}' is {}", problem.names[i], variances[i]));
  }
  check_entries(problem, "expected returns", problem.expected_returns, true);
  check_entries(problem, "current weights", problem.current, true);
  check_entries(problem, "weights of the benchmark", problem.benchmark, true);
  check_entries(problem, "linear costs", problem.costs.linear, true);
  check_entries(problem, "impact costs", problem.costs.power, true);
  check_entries(problem, "risk budgets", problem.risk_budgets, true);
  for (std::size_t i = 0; i < problem.risk_budgets.size(); ++i) {
    if (problem.risk_budgets[i] > 0.0) continue;
    refuse_problem(fmt::format("the risk budget of '{}' is {}; it must be above 0", problem.names[i],
                               problem.risk_budgets[i]));
  }
  check_bounds(problem);
  for (const auto& limit : problem.constraints.exposures) {
    check_entries(problem, ("loadings of " + limit.label).c_str(), limit.loadings, false);
    if (limit.low <= limit.high) continue;
    refuse_problem(fmt::format("{} must be at least {} and at most {}", limit.label, limit.low, limit.high));
  }
  if (problem.returns.periods > 0 && problem.returns.names != problem.names.size()) {
    refuse_problem(fmt::format("returns of {} names for {}", problem.returns.names, problem.names.size()));
  }
}

bool satisfies_constraints(const PortfolioProblem& problem, std::span<const double> weights,
                           double tolerance) {
  const PortfolioConstraints& constraints = problem.constraints;
  const auto current = current_weights(problem);
  double sum = 0.0, gross = 0.0, traded = 0.0;
  int held = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= constraints.lower[i] - tolerance && weights[i] <= constraints.upper[i] + tolerance))
      return false;
    const double trade = std::abs(weights[i] - current[i]);
    if (trade > tolerance && trade < constraints.minimum_trade - tolerance) return false;
    sum += weights[i];
    gross += std::abs(weights[i]);
    traded += 0.5 * trade;
    held += std::abs(weights[i]) > kNoWeight ? 1 : 0;
  }
  const auto within = [&](const ExposureLimit& limit) {
    const double value = std::inner_product(weights.begin(), weights.end(), limit.loadings.begin(), 0.0);
    return value >= limit.low - tolerance && value <= limit.high + tolerance;
  };
  return std::abs(sum - constraints.budget) <= tolerance &&
         (!constraints.gross || gross <= *constraints.gross + tolerance) &&
         (!constraints.turnover || traded <= *constraints.turnover + tolerance) &&
         (!constraints.max_names || held <= *constraints.max_names) &&
         std::all_of(constraints.exposures.begin(), constraints.exposures.end(), within);
}

std::vector<double> current_weights(const PortfolioProblem& problem) {
  return problem.current.empty() ? std::vector<double>(problem.names.size(), 0.0) : problem.current;
}

}  // namespace orrery
