#include <fmt/format.h>

#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "plugins/models/linear/line_model.h"

namespace orrery::plugins::models::pca_regression_plugin {
namespace {

ModelInfo pca_info() {
  ModelInfo info;
  info.name = "pca_regression";
  info.summary = "Least squares on principal components";
  info.parameters = {
      {"n_components", 0.95,
       "below 1: as many components as hold more than this share of the features' variance; from 1 on: so "
       "many",
       1e-12, std::nullopt},
      {"standardize", true, "components of features scaled to unit deviation over the training samples"}};
  info.aliases = {{"components", "n_components"}};
  info.source =
      "Massy, 1965; eigenvectors of the features' covariance, as scikit-learn's PCA, then LinearRegression";
  info.accepts_missing = false;
  return info;
}

void check_components(const ParameterMap& parameters) {
  const double wanted = get_double(parameters, "n_components");
  if (wanted < 1.0 || wanted == std::floor(wanted)) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("n_components must be a share below 1 or a whole number, found {}", wanted));
}

/// `variances`: ascending.
Eigen::Index component_count(const Eigen::VectorXd& variances, double wanted) {
  const Eigen::Index features = variances.size();
  if (wanted >= 1.0) {
    if (wanted <= static_cast<double>(features)) return static_cast<Eigen::Index>(wanted);
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("n_components must be at most the {} features, found {}", features, wanted));
  }
  const double enough = wanted * variances.sum();
  double held = 0.0;
  Eigen::Index count = 0;
  while (count < features && held <= enough) held += variances[features - ++count];
  return count;
}

/// Regresses on the components of the largest variances. Those without any, but for rounding, have no weight.
Eigen::VectorXd solve_components(const linear::NormalEquations& equations, double wanted) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> components(equations.gram);
  const Eigen::VectorXd& variances = components.eigenvalues();
  const Eigen::Index features = variances.size();
  const Eigen::Index count = component_count(variances, wanted);
  const double none =
      static_cast<double>(features) * std::numeric_limits<double>::epsilon() * variances[features - 1];
  Eigen::VectorXd weights = Eigen::VectorXd::Zero(features);
  for (Eigen::Index k = features - count; k < features; ++k) {
    if (variances[k] <= none) continue;
    const auto component = components.eigenvectors().col(k);
    weights += component.dot(equations.target) / variances[k] * component;
  }
  return weights;
}

linear::FittedLine fit_components(const Dataset& train, const ParameterMap& parameters,
                                  const FitContext& context) {
  const auto gram = linear::accumulate_gram("pca_regression", train, true, context.threads);
  const auto equations = linear::normal_equations(gram, get_bool(parameters, "standardize"));
  return line_through_means(gram, equations.scale,
                            solve_components(equations, get_double(parameters, "n_components")));
}

}  // namespace

void add_to(Registry& registry) {
  linear::add_line_model(registry, {pca_info(), fit_components, Task::kRegression, check_components});
}

}  // namespace orrery::plugins::models::pca_regression_plugin
