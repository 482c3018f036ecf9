// The best of the worst: expected returns that may be anywhere in an ellipsoid.
#include <cmath>

#include "orrery/portfolio/frontier.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::worst_case_plugin {
namespace {

/// With means known to within `deviations` standard errors, Σ / periods being the errors' covariance, the
/// worst mean of w is mean · w − deviations / √periods · s. That trades like one more price on variance, of
/// deviations / √periods / s, which the search makes agree with the s it leads to.
class WorstCase final : public Optimizer {
 public:
  WorstCase(double risk_aversion, double deviations, double periods)
      : risk_aversion_(risk_aversion), price_(deviations / std::sqrt(periods)) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const auto point = search_frontier(problem, problem.expected_returns, [this](const FrontierPoint& tried) {
      return (tried.risk_aversion - risk_aversion_) * std::sqrt(tried.variance) - price_;
    });
    return {point.weights, {}};
  }

 private:
  const double risk_aversion_, price_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "Most of the utility that is left when the expected returns are as wrong as they may well be.";
  info.parameters = {{"risk_aversion", 5.0, "price of variance, as of utility", 0.0, 1e6},
                     {"deviations", 1.0, "how many standard errors the returns may be wrong by", 0.0, 100.0},
                     {"periods", 252.0, "how many periods the expected returns were learnt from", 1.0, 1e9}};
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
