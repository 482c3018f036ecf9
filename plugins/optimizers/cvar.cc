// The least mean of the worst returns.
#include <limits>

#include "orrery/portfolio/linear_portfolio.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::cvar_plugin {
namespace {

constexpr double kEndless = std::numeric_limits<double>::infinity();

/// Minimises the mean of the worst of the losses −r_t'w.
class Cvar final : public Optimizer {
 public:
  explicit Cvar(double confidence) : confidence_(confidence) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    return {solve_in_rounds(problem, [this](const PortfolioProblem& round) { return solve(round); }), {}};
  }

 private:
  std::vector<double> solve(const PortfolioProblem& problem) const {
    LinearPortfolio portfolio(problem.names.size());
    portfolio.add_constraints(problem);
    const ReturnTable& returns = problem.returns;
    std::vector<std::size_t> beyond;
    const std::size_t quantile = portfolio.add_tail_mean(confidence_, returns.periods, beyond);
    for (std::size_t period = 0; period < returns.periods; ++period) {
      portfolio.add_row(returns.row(period), {{quantile, 1.0}, {beyond[period], 1.0}}, 0.0, kEndless);
    }
    return solve_linear_portfolio(portfolio, problem);
  }

  const double confidence_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The least expected loss in the worst part of the periods (conditional value at risk).";
  info.parameters = {{"confidence", 0.95, "the worst 1 - confidence of the periods count", 0.5, 0.9999}};
  info.source = "Rockafellar & Uryasev 2000, Optimization of Conditional Value-at-Risk";
  info.needs_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("cvar", {describe(), [](const ParameterMap& parameters) {
                          return std::make_unique<Cvar>(get_double(parameters, "confidence"));
                        }});
}

}  // namespace orrery::plugins::optimizers::cvar_plugin
