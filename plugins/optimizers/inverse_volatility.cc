// Weights in proportion to one over the names' volatilities.
#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::inverse_volatility_plugin {
namespace {

class InverseVolatility final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    auto weights = problem.risk.variances();
    double sum = 0.0;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      if (!(weights[i] > 0.0)) {
        throw user_error(ErrorCode::kInvalidArgument,
                         fmt::format("'{}' has no volatility to weigh it by", problem.names[i]));
      }
      weights[i] = 1.0 / std::sqrt(weights[i]);
      sum += weights[i];
    }
    for (double& weight : weights) weight *= problem.constraints.budget / sum;
    return {weights, {}};
  }
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "Weights in proportion to 1 / volatility.";
  info.source = "risk parity of names whose correlations are all the same";
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("inverse_volatility",
               {describe(), [](const ParameterMap&) { return std::make_unique<InverseVolatility>(); }});
}

}  // namespace orrery::plugins::optimizers::inverse_volatility_plugin
