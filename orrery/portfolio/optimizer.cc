#include "orrery/portfolio/optimizer.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/portfolio/portfolio_program.h"

namespace orrery {
namespace {

constexpr double kSatisfied = 1e-12;
constexpr double kTraded = 1e-7;  ///< to which constraints hold after an optimizer

void check_needs(std::string_view name, const OptimizerInfo& info, const PortfolioProblem& problem) {
  const auto need = [name](bool lacking, const char* what) {
    if (!lacking) return;
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} needs {}, and none are given", name, what));
  };
  need(info.needs_expected_returns && problem.expected_returns.empty(), "expected returns");
  need(info.needs_returns && problem.returns.periods == 0, "the returns of past periods");
  need(info.needs_benchmark && problem.benchmark.empty(), "the weights of a benchmark");
}

}  // namespace

OptimizedPortfolio optimize_portfolio(const OptimizerRegistry& registry, std::string_view name,
                                      const ParameterMap& parameters, const PortfolioProblem& problem) {
  const OptimizerEntry& entry = registry.get(name);
  check_problem(problem);
  check_needs(name, entry.info, problem);
  const auto optimizer = entry.factory(complete_parameters(parameters, entry.info.parameters));
  OptimizedPortfolio answer = optimizer->optimize(problem);
  const auto told = [&problem](OptimizedPortfolio portfolio) {
    if (problem.constraints.minimum_trade > 0.0 &&
        !satisfies_constraints(problem, portfolio.weights, kTraded)) {
      portfolio.remarks.emplace_back(
          "some trades are smaller than minimum_trade: without them the other constraints "
          "could not be kept");
    }
    return portfolio;
  };
  if (entry.info.honours == HonouredConstraints::kAll ||
      satisfies_constraints(problem, answer.weights, kSatisfied)) {
    return told(std::move(answer));
  }
  auto allowed = nearest_allowed(problem, answer.weights);
  double moved = 0.0;
  for (std::size_t i = 0; i < allowed.size(); ++i) moved += 0.5 * std::abs(allowed[i] - answer.weights[i]);
  answer.remarks.push_back(
      fmt::format("the constraints moved {:.1f} % of the weight that {} asked for", 100.0 * moved, name));
  answer.weights = std::move(allowed);
  return told(std::move(answer));
}

}  // namespace orrery
