// The highest expected return at a wanted volatility.
#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::target_volatility_plugin {
namespace {

/// How far from the target an answer counts as at it.
constexpr double kTolerance = 1e-6;

class TargetVolatility final : public Optimizer {
 public:
  explicit TargetVolatility(double target) : target_(target) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const auto condition = [this](const FrontierPoint& tried) { return target_ * target_ - tried.variance; };
    const auto solve = [&](const PortfolioProblem& round) {
      auto point = search_frontier(round, round.expected_returns, condition);
      if (std::sqrt(point.variance) > target_ * (1.0 + kTolerance)) refuse_target(std::sqrt(point.variance));
      return std::move(point.weights);
    };
    OptimizedPortfolio answer{solve_in_rounds(problem, solve), {}};
    const double volatility = std::sqrt(problem.risk.variance(answer.weights));
    if (volatility < target_ * (1.0 - kTolerance)) {
      answer.remarks.push_back(
          fmt::format("the volatility stays at {:g}, below the target of {:g}: more of it earns nothing",
                      volatility, target_));
    }
    return answer;
  }

 private:
  [[noreturn]] void refuse_target(double least) const {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("no allowed portfolio has a volatility of {:g} a period or less: the least is {:g}",
                    target_, least));
  }

  const double target_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The highest expected return whose volatility is at most `target`.";
  info.parameters = {{"target", 0.01, "volatility of one period", 1e-9, 1e6}};
  info.source = "Markowitz 1952, Portfolio Selection";
  info.needs_expected_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("target_volatility",
               {describe(), [](const ParameterMap& parameters) {
                  return std::make_unique<TargetVolatility>(get_double(parameters, "target"));
                }});
}

}  // namespace orrery::plugins::optimizers::target_volatility_plugin
