#include <fmt/format.h>

#include <Eigen/Dense>

#include "orrery/base/error.h"
#include "plugins/models/linear/line_model.h"

namespace orrery::plugins::models::ridge_plugin {
namespace {

ModelInfo ridge_info() {
  ModelInfo info;
  info.name = "ridge";
  info.summary = "Linear regression with a squared penalty";
  info.parameters = {
      {"alpha", 1.0, "penalty on the squared weights, beside the sum of squared errors", 0.0, std::nullopt},
      linear::intercept_setting(),
      linear::standardize_setting()};
  info.aliases = {{"l2", "alpha"}, {"lambda", "alpha"}, {"reg_lambda", "alpha"}};
  info.source =
      "Hoerl and Kennard, 1970; closed form by normal equations and Cholesky, as scikit-learn's Ridge";
  info.accepts_missing = false;
  info.search = {{}, {{"alpha", TunedParameter::Kind::kReal, 1e-2, 1e5, true, {}}}};
  return info;
}

/// Solves (Z'Z + alpha I) b = Z'y, with Z the scaled features.
Eigen::VectorXd solve_ridge(linear::NormalEquations equations, double alpha) {
  equations.gram.diagonal().array() += alpha;
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> cholesky(equations.gram);
  Eigen::VectorXd solution = cholesky.solve(equations.target);
  if (cholesky.info() != Eigen::Success || !solution.allFinite()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format(
            "the features of the ridge model depend on each other; a larger alpha is needed, found {}",
            alpha));
  }
  return solution;
}

linear::FittedLine fit_ridge(const Dataset& train, const ParameterMap& parameters,
                             const FitContext& context) {
  const auto gram =
      linear::accumulate_gram("ridge", train, get_bool(parameters, "fit_intercept"), context.threads);
  const auto equations = linear::normal_equations(gram, get_bool(parameters, "standardize"));
  return line_through_means(gram, equations.scale, solve_ridge(equations, get_double(parameters, "alpha")));
}

}  // namespace

void add_to(Registry& registry) { linear::add_line_model(registry, {ridge_info(), fit_ridge}); }

}  // namespace orrery::plugins::models::ridge_plugin
