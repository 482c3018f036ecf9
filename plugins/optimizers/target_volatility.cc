// The highest expected return at a wanted volatility.
#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/portfolio/frontier.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::target_volatility_plugin {
namespace {

/// How far from the target an answer counts as at it.
constexpr double kTolerance = 1e-6;

class TargetVolatility final : public Optimizer {
 public:
  explicit TargetVolatility(double target) : target_(target) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const auto point = search_frontier(problem, problem.expected_returns, [this](const FrontierPoint& tried) {
      return target_ * target_ - tried.variance;
    });
    const double volatility = std::sqrt(point.variance);
    if (volatility > target_ * (1.0 + kTolerance)) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("no allowed portfolio has a volatility of {:g} a period or less: the least is {:g}",
                      target_, volatility));
    }
    OptimizedPortfolio answer{point.weights, {}};
    if (volatility < target_ * (1.0 - kTolerance)) {
      answer.remarks.push_back(
          fmt::format("the volatility stays at {:g}, below the target of {:g}: more of it earns nothing",
                      volatility, target_));
    }
    return answer;
  }

 private:
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
