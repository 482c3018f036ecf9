#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "orrery/base/error.h"
#include "orrery/portfolio/linear_portfolio.h"
#include "orrery/portfolio/portfolio_program.h"

namespace orrery {
namespace {

/// A constraint that can be left out: how it reads, and how it goes into a program.
struct Demand {
  std::string words;
  std::function<void(LinearPortfolio&)> add;
};

std::string limits_in_words(double low, double high) {
  if (low == high) return fmt::format("= {:g}", low);
  if (std::isinf(low)) return fmt::format("<= {:g}", high);
  if (std::isinf(high)) return fmt::format(">= {:g}", low);
  return fmt::format("from {:g} to {:g}", low, high);
}

/// Says which bounds a side has: "every weight <= 0.2" where all are the same.
std::string bounds_in_words(const PortfolioProblem& problem, const std::vector<double>& bounds,
                            const char* sign) {
  const std::set<double> different(bounds.begin(), bounds.end());
  if (different.size() == 1) {
    return fmt::format("every weight {} {:g} ({} names)", sign, bounds.front(), problem.names.size());
  }
  return fmt::format("the weights' own limits ({} {:g} to {:g}, {} names)", sign, *different.begin(),
                     *different.rbegin(), problem.names.size());
}

std::vector<Demand> demands_of(const PortfolioProblem& problem) {
  const std::size_t names = problem.names.size();
  const PortfolioConstraints& constraints = problem.constraints;
  std::vector<Demand> demands;
  demands.push_back(
      {fmt::format("the weights add up to {:g}", constraints.budget), [&, names](auto& portfolio) {
         portfolio.add_row(std::vector<double>(names, 1.0), {}, constraints.budget, constraints.budget);
       }});
  demands.push_back({bounds_in_words(problem, constraints.upper, "<="), [&](auto& portfolio) {
                       std::copy(constraints.upper.begin(), constraints.upper.end(),
                                 portfolio.program().upper.begin());
                     }});
  demands.push_back({bounds_in_words(problem, constraints.lower, ">="), [&](auto& portfolio) {
                       std::copy(constraints.lower.begin(), constraints.lower.end(),
                                 portfolio.program().lower.begin());
                     }});
  for (const auto& limit : constraints.exposures) {
    demands.push_back(
        {fmt::format("{} {}", limit.label, limits_in_words(limit.low, limit.high)),
         [&](auto& portfolio) { portfolio.add_row(limit.loadings, {}, limit.low, limit.high); }});
  }
  if (constraints.turnover) {
    demands.push_back({fmt::format("one-way turnover <= {:g}", *constraints.turnover), [&](auto& portfolio) {
                         portfolio.add_distance(current_weights(problem), {}, 2.0 * *constraints.turnover);
                       }});
  }
  if (constraints.gross) {
    demands.push_back(
        {fmt::format("gross exposure <= {:g}", *constraints.gross), [&, names](auto& portfolio) {
           portfolio.add_distance(std::vector<double>(names, 0.0), {}, *constraints.gross);
         }});
  }
  return demands;
}

bool can_be_met(const std::vector<Demand>& demands, const std::vector<bool>& wanted, std::size_t names) {
  LinearPortfolio portfolio(names);
  for (std::size_t i = 0; i < demands.size(); ++i) {
    if (wanted[i]) demands[i].add(portfolio);
  }
  return solve_linear_program(portfolio.program()).status != LinearStatus::kInfeasible;
}

}  // namespace

std::vector<std::string> find_conflict(const PortfolioProblem& problem) {
  const std::size_t names = problem.names.size();
  const auto demands = demands_of(problem);
  std::vector<bool> wanted(demands.size(), true);
  if (can_be_met(demands, wanted, names)) return {};
  // The deletion filter (Chinneck & Dravnieks 1991): what can go without curing it is no part of it. The last
  // of the list go first, so that what remains tends to be the budget and the plainest limits.
  for (std::size_t i = demands.size(); i-- > 0;) {
    wanted[i] = false;
    if (can_be_met(demands, wanted, names)) wanted[i] = true;
  }
  std::vector<std::string> conflict;
  for (std::size_t i = 0; i < demands.size(); ++i) {
    if (wanted[i]) conflict.push_back(demands[i].words);
  }
  return conflict;
}

void throw_infeasible(const PortfolioProblem& problem) {
  const auto conflict = find_conflict(problem);
  if (conflict.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "the portfolio has no best weights: nothing holds some of them (is a bound missing, or a "
        "name's variance 0?), or its numbers are too far apart in size");
  }
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("no weights satisfy these constraints together: {}", fmt::join(conflict, "; ")));
}

}  // namespace orrery
