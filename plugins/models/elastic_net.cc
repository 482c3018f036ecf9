#include "plugins/models/linear/coordinate_descent.h"

namespace orrery::plugins::models::elastic_net_plugin {
namespace {

ModelInfo elastic_net_info() {
  ModelInfo info;
  info.name = "elastic_net";
  info.summary = "Linear regression between ridge and lasso";
  info.parameters = linear::descent_settings();
  info.parameters.insert(
      info.parameters.begin() + 1,
      {"l1_ratio", 0.5, "share of the penalty on the weights' sizes; the rest is on their squares", 0.0,
       1.0});
  info.source =
      "Zou and Hastie, 2005; coordinate descent of Friedman, Hastie and Tibshirani, 2010, with "
      "scikit-learn's "
      "ElasticNet's objective and rule to stop";
  info.accepts_missing = false;
  info.search = {{},
                 {{"alpha", TunedParameter::Kind::kReal, 1e-6, 1e-1, true, {}},
                  {"l1_ratio", TunedParameter::Kind::kReal, 0.05, 0.95, false, {}}}};
  return info;
}

linear::FittedLine fit_net(const Dataset& train, const ParameterMap& parameters, const FitContext& context) {
  return linear::fit_elastic_net("elastic_net", train, parameters, get_double(parameters, "l1_ratio"),
                                 context.threads);
}

}  // namespace

void add_to(Registry& registry) { linear::add_line_model(registry, {elastic_net_info(), fit_net}); }

}  // namespace orrery::plugins::models::elastic_net_plugin
