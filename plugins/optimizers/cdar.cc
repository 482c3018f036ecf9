// The least mean of the worst drawdowns.
#include <limits>

#include "orrery/portfolio/linear_portfolio.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::cdar_plugin {
namespace {

constexpr double kEndless = std::numeric_limits<double>::infinity();

/// As CVaR, with the drawdown of the summed returns in the place of the loss. The columns of a period: the
/// sum so far, its peak, and what its drawdown has beyond the quantile.
class Cdar final : public Optimizer {
 public:
  explicit Cdar(double confidence) : confidence_(confidence) {}

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
    std::size_t sum_before = portfolio.add_column(0.0, 0.0, 0.0);
    std::size_t peak_before = portfolio.add_column(0.0, 0.0, 0.0);
    for (std::size_t period = 0; period < returns.periods; ++period) {
      const std::size_t sum = portfolio.add_column(0.0, -kEndless, kEndless);
      const std::size_t peak = portfolio.add_column(0.0, -kEndless, kEndless);
      portfolio.add_row(returns.row(period), {{sum_before, 1.0}, {sum, -1.0}}, 0.0, 0.0);
      portfolio.add_row({{peak, 1.0}, {sum, -1.0}}, 0.0, kEndless);
      portfolio.add_row({{peak, 1.0}, {peak_before, -1.0}}, 0.0, kEndless);
      portfolio.add_row({{beyond[period], 1.0}, {quantile, 1.0}, {peak, -1.0}, {sum, 1.0}}, 0.0, kEndless);
      sum_before = sum;
      peak_before = peak;
    }
    return solve_linear_portfolio(portfolio, problem);
  }

  const double confidence_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "The least expected drawdown in the worst part of the periods (conditional drawdown at risk).";
  info.parameters = {{"confidence", 0.95, "the worst 1 - confidence of the drawdowns count", 0.5, 0.9999}};
  info.source = "Chekhlov, Uryasev & Zabarankin 2005, Drawdown Measure in Portfolio Optimization";
  info.needs_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("cdar", {describe(), [](const ParameterMap& parameters) {
                          return std::make_unique<Cdar>(get_double(parameters, "confidence"));
                        }});
}

}  // namespace orrery::plugins::optimizers::cdar_plugin
