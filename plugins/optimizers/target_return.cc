// The least variance among portfolios that earn a wanted return.
#include <limits>

#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::target_return_plugin {
namespace {

class TargetReturn final : public Optimizer {
 public:
  explicit TargetReturn(double target) : target_(target) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    PortfolioProblem demanding = problem;
    demanding.constraints.exposures.push_back(
        {"expected return", problem.expected_returns, target_, std::numeric_limits<double>::infinity()});
    return {minimise_objective(demanding, {}), {}};
  }

 private:
  const double target_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The least volatility among portfolios whose expected return is at least `target`.";
  info.parameters = {{"target", 0.0, "return of one period", -1.0, 1e6}};
  info.source = "Markowitz 1952, Portfolio Selection";
  info.needs_expected_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("target_return", {describe(), [](const ParameterMap& parameters) {
                                   return std::make_unique<TargetReturn>(get_double(parameters, "target"));
                                 }});
}

}  // namespace orrery::plugins::optimizers::target_return_plugin
