// The highest ratio of excess return to volatility.
#include <utility>

#include "orrery/base/error.h"
#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::max_sharpe_plugin {
namespace {

/// At the best ratio of excess return m to volatility s, m / s does not change to first order, which is the
/// condition of the frontier's point with risk aversion m / s². The search walks along the frontier to it.
class MaxSharpe final : public Optimizer {
 public:
  explicit MaxSharpe(double risk_free) : risk_free_(risk_free) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const double cash = risk_free_ * problem.constraints.budget;
    const auto condition = [cash](const FrontierPoint& tried) {
      return tried.risk_aversion * tried.variance - (tried.net_return - cash);
    };
    return {solve_in_rounds(problem,
                            [&](const PortfolioProblem& round) {
                              auto point = search_frontier(round, round.expected_returns, condition);
                              if (!(point.net_return > cash)) refuse_losses();
                              return std::move(point.weights);
                            }),
            {}};
  }

 private:
  [[noreturn]] static void refuse_losses() {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "no allowed portfolio is expected to earn more than the risk-free rate, so none has a best "
        "Sharpe ratio");
  }

  const double risk_free_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The highest ratio of expected return above the risk-free rate to volatility.";
  info.parameters = {{"risk_free", 0.0, "risk-free rate of one period", -1.0, 1e6}};
  info.source = "Sharpe 1966, Mutual Fund Performance; Tobin 1958";
  info.needs_expected_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("max_sharpe", {describe(), [](const ParameterMap& parameters) {
                                return std::make_unique<MaxSharpe>(get_double(parameters, "risk_free"));
                              }});
}

}  // namespace orrery::plugins::optimizers::max_sharpe_plugin
