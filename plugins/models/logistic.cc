#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "plugins/models/linear/blocks.h"
#include "plugins/models/linear/line_model.h"

namespace orrery::plugins::models::logistic_plugin {
namespace {

/// A step is halved so often before the search gives up: what is left of it is below rounding.
constexpr int kHalvings = 40;

ModelInfo logistic_info() {
  ModelInfo info;
  info.name = "logistic";
  info.summary = "Logistic regression with a squared penalty";
  ParameterInfo class_weight{"class_weight", std::string("none"),
                             "balanced: events and others weigh the same together"};
  class_weight.choices = {"none", "balanced"};
  info.parameters = {
      {"C", 1.0, "weight of the log loss, summed over the samples, beside half the squared weights", 1e-12,
       std::nullopt},
      class_weight,
      linear::intercept_setting(),
      linear::standardize_setting(),
      {"tol", 1e-6, "largest slope to stop at, as a share of C times the samples' weight", 1e-15, 1.0},
      {"max_iter", std::int64_t{100}, "Newton steps at most", 1.0, 1e6}};
  info.source =
      "Cox, 1958; Newton's method (iteratively reweighted least squares) on scikit-learn's "
      "LogisticRegression's "
      "objective";
  info.accepts_missing = false;
  info.search = {{}, {{"C", TunedParameter::Kind::kReal, 1e-6, 1e2, true, {}}}};
  return info;
}

/// What the samples of a class weigh, times their own weights.
struct ClassWeights {
  double event = 1.0;
  double other = 1.0;
};

ClassWeights class_weights(const Dataset& train, bool balanced) {
  double events = 0.0;
  double all = 0.0;
  for (std::size_t i = 0; i < train.size(); ++i) {
    const double weight = linear::weight_of(train, i);
    all += weight;
    events += weight * train.labels()[i];
  }
  if (!(events > 0.0 && events < all)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the logistic model needs samples of both classes, found {} of weight {}, of "
                    "which events weigh {}",
                    train.size(), all, events));
  }
  if (!balanced) return {};
  return {all / (2.0 * events), all / (2.0 * (all - events))};
}

/// The samples as the search sees them: features scaled, about their means.
struct Problem {
  const Dataset& train;
  Eigen::VectorXd means;
  Eigen::VectorXd scale;
  ClassWeights classes;
  bool has_intercept = true;
  double strength = 1.0;  ///< C
  int threads = 0;

  /// Weights of the features, and the constant where there is one.
  Eigen::Index size() const { return scale.size() + (has_intercept ? 1 : 0); }
  double weight_of(std::size_t sample) const {
    const double own = linear::weight_of(train, sample);
    return own * (train.labels()[sample] != 0.0 ? classes.event : classes.other);
  }
};

/// The objective at a point, its slope, and the lower triangle of its curvature.
struct Surface {
  double value = 0.0;
  Eigen::VectorXd slope;
  Eigen::MatrixXd curvature;
  Surface& operator+=(const Surface& other) {
    value += other.value;
    slope += other.slope;
    curvature += other.curvature;
    return *this;
  }
};

Eigen::MatrixXd scaled_block(const Problem& problem, std::size_t begin, std::size_t count) {
  const Eigen::MatrixXd x = linear::read_block(problem.train, begin, count);
  Eigen::MatrixXd scaled = Eigen::MatrixXd::Ones(x.rows(), problem.size());
  scaled.leftCols(x.cols()) =
      (x.rowwise() - problem.means.transpose()).array().rowwise() / problem.scale.transpose().array();
  return scaled;
}

/// Log loss without overflow: log(1 + exp(odds)) - label × odds.
double log_loss_of(double odds, double label) {
  return std::max(odds, 0.0) + std::log1p(std::exp(-std::fabs(odds))) - label * odds;
}

Surface loss_of_block(const Problem& problem, const Eigen::VectorXd& at, std::size_t begin,
                      std::size_t count) {
  Eigen::MatrixXd x = scaled_block(problem, begin, count);
  const Eigen::VectorXd odds = x * at;
  Eigen::VectorXd errors(odds.size());
  Surface part{0.0, {}, Eigen::MatrixXd::Zero(at.size(), at.size())};
  Eigen::VectorXd roots(odds.size());
  for (Eigen::Index i = 0; i < odds.size(); ++i) {
    const std::size_t sample = begin + static_cast<std::size_t>(i);
    const double weight = problem.strength * problem.weight_of(sample);
    const double label = problem.train.labels()[sample];
    const double probability = 1.0 / (1.0 + std::exp(-odds[i]));
    part.value += weight * log_loss_of(odds[i], label);
    errors[i] = weight * (probability - label);
    roots[i] = std::sqrt(weight * probability * (1.0 - probability));
  }
  part.slope = x.transpose() * errors;
  x.array().colwise() *= roots.array();
  part.curvature.selfadjointView<Eigen::Lower>().rankUpdate(x.transpose());
  return part;
}

Surface surface_at(const Problem& problem, const Eigen::VectorXd& at) {
  const Eigen::Index features = problem.scale.size();
  const auto penalised = at.head(features);
  Surface surface{0.5 * penalised.squaredNorm(), Eigen::VectorXd::Zero(at.size()),
                  Eigen::MatrixXd::Zero(at.size(), at.size())};
  surface.slope.head(features) = penalised;
  surface.curvature.diagonal().head(features).setOnes();
  linear::sum_blocks(
      problem.train.size(), problem.threads, surface,
      [&](std::size_t begin, std::size_t count) { return loss_of_block(problem, at, begin, count); });
  return surface;
}

/// A point, and the objective there.
struct Place {
  Eigen::VectorXd at;
  Surface surface;
};

/// Goes down by Newton's step, halved until the objective falls as its slope promises, but for rounding.
/// Tells whether it did.
bool step_down(const Problem& problem, Place& place) {
  const Eigen::LLT<Eigen::MatrixXd, Eigen::Lower> cholesky(place.surface.curvature);
  Eigen::VectorXd step = -cholesky.solve(place.surface.slope);
  if (cholesky.info() != Eigen::Success || !step.allFinite()) return false;
  const double promise = place.surface.slope.dot(step);
  double share = 1.0;
  for (int halving = 0; halving < kHalvings; ++halving, share *= 0.5) {
    Place next{place.at + share * step, {}};
    next.surface = surface_at(problem, next.at);
    const double rounding = 1e-13 * place.surface.value;
    if (next.surface.value > place.surface.value + 1e-4 * share * promise + rounding) continue;
    place = std::move(next);
    return true;
  }
  return false;
}

linear::FittedLine fit_logistic(const Dataset& train, const ParameterMap& parameters,
                                const FitContext& context) {
  const bool has_intercept = get_bool(parameters, "fit_intercept");
  const auto classes = class_weights(train, get_string(parameters, "class_weight") == "balanced");
  const auto gram = linear::accumulate_gram("logistic", train, has_intercept, context.threads);
  const auto scale = normal_equations(gram, get_bool(parameters, "standardize")).scale;
  const Eigen::Index features = gram.features();
  const Problem problem{train,         gram.means.head(features),   scale,          classes,
                        has_intercept, get_double(parameters, "C"), context.threads};
  const double enough = get_double(parameters, "tol") * problem.strength * gram.weight;
  const auto limit = get_integer(parameters, "max_iter");
  Place place{Eigen::VectorXd::Zero(problem.size()), {}};
  place.surface = surface_at(problem, place.at);
  int rounds = 0;
  const auto steepest = [&] { return place.surface.slope.lpNorm<Eigen::Infinity>(); };
  context.progress.begin("Newton steps", 0);
  while (steepest() > enough && rounds < limit && step_down(problem, place)) {
    ++rounds;
    context.progress.advance();
  }
  context.progress.end();
  if (steepest() > enough) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the logistic model has not settled after {} Newton steps (max_iter {}): its "
                    "slope is {:.3g}, tol asks for {:.3g}; a smaller C or larger tol is needed",
                    rounds, limit, steepest() / (problem.strength * gram.weight),
                    get_double(parameters, "tol")));
  }
  const double odds_at_means = has_intercept ? place.at[features] : 0.0;
  auto line = line_through_means(gram, scale, place.at.head(features), odds_at_means);
  line.rounds = rounds;
  return line;
}

}  // namespace

void add_to(Registry& registry) {
  linear::add_line_model(registry, {logistic_info(), fit_logistic, Task::kBinary});
}

}  // namespace orrery::plugins::models::logistic_plugin
