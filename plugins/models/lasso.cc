#include "plugins/models/linear/coordinate_descent.h"

namespace orrery::plugins::models::lasso_plugin {
namespace {

ModelInfo lasso_info() {
  ModelInfo info;
  info.name = "lasso";
  info.summary = "Linear regression that leaves features out";
  info.parameters = linear::descent_settings();
  info.aliases = {{"l1", "alpha"}, {"reg_alpha", "alpha"}};
  info.source =
      "Tibshirani, 1996; coordinate descent of Friedman, Hastie and Tibshirani, 2010, with scikit-learn's "
      "Lasso's "
      "objective and rule to stop";
  info.accepts_missing = false;
  return info;
}

linear::FittedLine fit_lasso(const Dataset& train, const ParameterMap& parameters,
                             const FitContext& context) {
  return linear::fit_elastic_net("lasso", train, parameters, 1.0, context.threads);
}

}  // namespace

void add_to(Registry& registry) { linear::add_line_model(registry, {lasso_info(), fit_lasso}); }

}  // namespace orrery::plugins::models::lasso_plugin
