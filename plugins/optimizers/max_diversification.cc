// The highest ratio of the names' own volatilities to the portfolio's.
#include <cmath>

#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::max_diversification_plugin {
namespace {

/// The same search as for the best Sharpe ratio, with the names' volatilities in the place of their returns.
class MaxDiversification final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    std::vector<double> volatilities = problem.risk.variances();
    for (double& value : volatilities) value = std::sqrt(value);
    PortfolioProblem free = problem;
    free.costs = {};  // a ratio of volatilities has no room for a cost in returns
    const auto condition = [](const FrontierPoint& tried) {
      return tried.risk_aversion * tried.variance - tried.net_return;
    };
    return {solve_in_rounds(free,
                            [&](const PortfolioProblem& round) {
                              return search_frontier(round, volatilities, condition).weights;
                            }),
            {}};
  }
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "The highest diversification ratio: the weighted mean volatility of the names over the portfolio's.";
  info.source = "Choueifaty & Coignard 2008, Toward Maximum Diversification";
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("max_diversification",
               {describe(), [](const ParameterMap&) { return std::make_unique<MaxDiversification>(); }});
}

}  // namespace orrery::plugins::optimizers::max_diversification_plugin
