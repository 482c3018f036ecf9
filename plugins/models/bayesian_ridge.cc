#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "plugins/models/linear/line_model.h"

namespace orrery::plugins::models::bayesian_ridge_plugin {
namespace {

ParameterInfo prior(const char* name, const char* summary) {
  return {name, 1e-6, summary, 1e-30, std::nullopt};
}

ModelInfo bayesian_info() {
  ModelInfo info;
  info.name = "bayesian_ridge";
  info.summary = "Ridge regression whose penalty comes from the data";
  info.parameters = {
      prior("alpha_1", "shape of the gamma prior of the noise's precision"),
      prior("alpha_2", "rate of the gamma prior of the noise's precision, in squared units of the label"),
      prior("lambda_1", "shape of the gamma prior of the weights' precision"),
      prior("lambda_2", "rate of the gamma prior of the weights' precision, in squared units of a weight"),
      linear::intercept_setting(),
      linear::standardize_setting(),
      {"tol", 1e-3, "sum of the weights' moves in a round to stop at, in deviations of the label", 0.0, 1.0},
      {"max_iter", std::int64_t{300}, "rounds at most", 1.0, 1e9}};
  info.source =
      "MacKay, 1992, Bayesian interpolation; Tipping, 2001; evidence maximised as in scikit-learn's "
      "BayesianRidge";
  info.accepts_missing = false;
  return info;
}

/// The regression in the basis of the features' principal axes, where the posterior's weights are apart.
struct Axes {
  Eigen::VectorXd squares;  ///< sums of squares along each axis
  Eigen::VectorXd target;   ///< sums of products with the label
  double label_squares = 0.0;
  double samples = 0.0;  ///< sum of the samples' weights
};

/// Precisions: of the noise, and of the weights around 0.
struct Precisions {
  double noise = 0.0;
  double weights = 0.0;
};

Eigen::VectorXd posterior_mean(const Axes& axes, Precisions precisions) {
  return axes.target.array() / (axes.squares.array() + precisions.weights / precisions.noise);
}

double squared_errors(const Axes& axes, const Eigen::VectorXd& mean) {
  const double sum =
      axes.label_squares - 2.0 * mean.dot(axes.target) + (axes.squares.array() * mean.array().square()).sum();
  return std::max(sum, 0.0);
}

/// One step up the evidence.
Precisions improved(const Axes& axes, const ParameterMap& parameters, Precisions now,
                    const Eigen::VectorXd& mean) {
  const auto known = now.noise * axes.squares.array();
  const double determined = (known / (now.weights + known)).sum();
  return {(axes.samples - determined + 2.0 * get_double(parameters, "alpha_1")) /
              (squared_errors(axes, mean) + 2.0 * get_double(parameters, "alpha_2")),
          (determined + 2.0 * get_double(parameters, "lambda_1")) /
              (mean.squaredNorm() + 2.0 * get_double(parameters, "lambda_2"))};
}

struct Posterior {
  Eigen::VectorXd weights;      ///< of the scaled features
  Eigen::MatrixXd square_root;  ///< of the weights' covariance, which is its transpose times it
  double noise_variance = 0.0;
  int rounds = 0;
};

Posterior maximise_evidence(const Axes& axes, const Eigen::MatrixXd& directions,
                            const ParameterMap& parameters) {
  const double label_variance = axes.label_squares / axes.samples;
  const double enough = get_double(parameters, "tol") * std::sqrt(label_variance);
  const auto limit = get_integer(parameters, "max_iter");
  Precisions precisions{1.0 / (label_variance + std::numeric_limits<double>::epsilon()), 1.0};
  Posterior posterior;
  double moved = std::numeric_limits<double>::infinity();
  while (posterior.rounds < limit && moved >= enough) {
    const Eigen::VectorXd mean = posterior_mean(axes, precisions);
    precisions = improved(axes, parameters, precisions, mean);
    const Eigen::VectorXd weights = directions * mean;
    if (posterior.rounds > 0) moved = (weights - posterior.weights).lpNorm<1>();
    posterior.weights = weights;
    ++posterior.rounds;
  }
  posterior.weights = directions * posterior_mean(axes, precisions);
  const Eigen::VectorXd along =
      (precisions.noise * axes.squares.array() + precisions.weights).rsqrt().matrix();
  posterior.square_root = along.asDiagonal() * directions.transpose();
  posterior.noise_variance = 1.0 / precisions.noise;
  return posterior;
}

linear::FittedLine fit_bayesian(const Dataset& train, const ParameterMap& parameters,
                                const FitContext& context) {
  const auto gram = linear::accumulate_gram("bayesian_ridge", train, get_bool(parameters, "fit_intercept"),
                                            context.threads);
  const auto equations = linear::normal_equations(gram, get_bool(parameters, "standardize"));
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(equations.gram);
  const Eigen::MatrixXd& directions = solver.eigenvectors();
  const Axes axes{solver.eigenvalues().cwiseMax(0.0), directions.transpose() * equations.target,
                  equations.label_squares, gram.weight};
  const Posterior posterior = maximise_evidence(axes, directions, parameters);
  auto line = line_through_means(gram, equations.scale, posterior.weights);
  line.rounds = posterior.rounds;
  line.line.spread = linear::predictive_spread(posterior.noise_variance, gram.means.head(gram.features()),
                                               posterior.square_root, equations.scale);
  return line;
}

}  // namespace

void add_to(Registry& registry) {
  linear::add_line_model(registry, {.info = bayesian_info(),
                                    .fit = fit_bayesian,
                                    .deviation_method = DeviationMethod{"posterior of the weights and noise",
                                                                        "Bishop, 2006, eq. 3.59", true}});
}

}  // namespace orrery::plugins::models::bayesian_ridge_plugin
