// As near to a benchmark as the constraints allow.
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::tracking_error_plugin {
namespace {

class TrackingError final : public Optimizer {
 public:
  explicit TrackingError(double tilt) : tilt_(tilt) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    QuadraticObjective objective{1.0, problem.risk.times(problem.benchmark)};
    for (double& value : objective.linear) value = -value;
    for (std::size_t i = 0; i < problem.expected_returns.size(); ++i) {
      objective.linear[i] -= tilt_ * problem.expected_returns[i];
    }
    return {minimise_objective(problem, objective), {}};
  }

 private:
  const double tilt_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "The least volatility of the difference to a benchmark, tilted to expected returns if wanted.";
  info.parameters = {
      {"tilt", 0.0, "what a unit of expected return is worth, in variance of the difference / 2", 0.0, 1e6}};
  info.source = "Roll 1992, A Mean/Variance Analysis of Tracking Error";
  info.needs_benchmark = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("tracking_error", {describe(), [](const ParameterMap& parameters) {
                                    return std::make_unique<TrackingError>(get_double(parameters, "tilt"));
                                  }});
}

}  // namespace orrery::plugins::optimizers::tracking_error_plugin
