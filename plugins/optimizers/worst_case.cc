// The best of the worst: expected returns that may be anywhere in an ellipsoid.
#include <cmath>

#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::worst_case_plugin {
namespace {

/// With means known to within `deviations` standard errors, Σ / periods being the errors' covariance, the
/// worst mean of w is mean · w − deviations / √periods · s. That trades like one more price on variance, of
/// deviations / √periods / s, which the search makes agree with the s it leads to.
class WorstCase final : public Optimizer {
 public:
  WorstCase(double risk_aversion, double deviations, double periods)
      : risk_aversion_(risk_aversion), deviations_(deviations), periods_(periods) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const double periods = periods_ > 0.0 ? periods_ : known_periods(problem);
    const double price = deviations_ / std::sqrt(periods);
    const auto condition = [this, price](const FrontierPoint& tried) {
      return (tried.risk_aversion - risk_aversion_) * std::sqrt(tried.variance) - price;
    };
    return {solve_in_rounds(problem,
                            [&](const PortfolioProblem& round) {
                              return search_frontier(round, round.expected_returns, condition).weights;
                            }),
            {}};
  }

 private:
  static double known_periods(const PortfolioProblem& problem) {
    return problem.returns.periods > 0 ? static_cast<double>(problem.returns.periods) : 252.0;
  }

  const double risk_aversion_, deviations_, periods_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "Most of the utility that is left when the expected returns are as wrong as they may well be.";
  info.parameters = {
      {"risk_aversion", 5.0, "price of variance, as of utility", 0.0, 1e6},
      {"deviations", 1.0, "how many standard errors the returns may be wrong by", 0.0, 100.0},
      {"periods", 0.0, "how many periods the expected returns were learnt from; 0: as many as there are", 0.0,
       1e9}};
  info.source = "Ben-Tal & Nemirovski 1998, Robust Convex Optimization; Goldfarb & Iyengar 2003";
  info.needs_expected_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("worst_case", {describe(), [](const ParameterMap& parameters) {
                                return std::make_unique<WorstCase>(get_double(parameters, "risk_aversion"),
                                                                   get_double(parameters, "deviations"),
                                                                   get_double(parameters, "periods"));
                              }});
}

}  // namespace orrery::plugins::optimizers::worst_case_plugin
