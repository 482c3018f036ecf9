// The least variance that the constraints allow.
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::min_volatility_plugin {
namespace {

class MinVolatility final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    return {minimise_objective(problem, {}), {}};
  }
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The least volatility that the constraints allow; asks nothing of expected returns.";
  info.source = "Markowitz 1952, Portfolio Selection";
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("min_volatility",
               {describe(), [](const ParameterMap&) { return std::make_unique<MinVolatility>(); }});
}

}  // namespace orrery::plugins::optimizers::min_volatility_plugin
