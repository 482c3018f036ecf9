// Mean-variance utility: expected return less a price on variance.
#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::utility_plugin {
namespace {

class Utility final : public Optimizer {
 public:
  explicit Utility(double risk_aversion) : risk_aversion_(risk_aversion) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    return {solve_in_rounds(problem,
                            [this](const PortfolioProblem& round) {
                              return frontier_point(round, round.expected_returns, risk_aversion_).weights;
                            }),
            {}};
  }

 private:
  const double risk_aversion_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "Most of: expected return - risk_aversion / 2 x variance - trading costs.";
  info.parameters = {{"risk_aversion", 5.0,
                      "price of variance: 1 is the growth-optimal investor's, 10 a timid one's", 1e-6, 1e6}};
  info.source =
      "Markowitz 1952, Portfolio Selection; Grinold & Kahn 1999, Active Portfolio Management, ch. 4";
  info.needs_expected_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("utility", {describe(), [](const ParameterMap& parameters) {
                             return std::make_unique<Utility>(get_double(parameters, "risk_aversion"));
                           }});
}

}  // namespace orrery::plugins::optimizers::utility_plugin
