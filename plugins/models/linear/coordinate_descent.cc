#include "plugins/models/linear/coordinate_descent.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "orrery/base/error.h"

namespace orrery::plugins::models::linear {
namespace {

/// Rounds between straight steps, each of which costs as much as several rounds.
constexpr int kRoundsToSettle = 10;

double soft_threshold(double value, double threshold) {
  return std::copysign(std::max(std::fabs(value) - threshold, 0.0), value);
}

/// `products`: G w.
double duality_gap(const ElasticNet& net, const Eigen::VectorXd& weights, const Eigen::VectorXd& products) {
  const double fitted = net.target.dot(weights);
  const double residual_square = net.label_square - 2.0 * fitted + weights.dot(products);
  const double residual_label = net.label_square - fitted;
  const double weight_square = weights.squaredNorm();
  if (net.l1 == 0.0) {  // the penalty of a ridge regression has a dual of its own
    const double gradient_square = (net.target - products).squaredNorm();
    return residual_square + 0.5 * net.l2 * weight_square - residual_label + gradient_square / (2.0 * net.l2);
  }
  const double steepest = (net.target - products - net.l2 * weights).lpNorm<Eigen::Infinity>();
  const double scale = steepest > net.l1 ? net.l1 / steepest : 1.0;
  const double smooth = residual_square + net.l2 * weight_square;
  const double primal = 0.5 * smooth + net.l1 * weights.lpNorm<1>();
  const double dual = scale * residual_label - 0.5 * scale * scale * smooth;
  return primal - dual;
}

/// One round over all coordinates; returns the largest move as a share of the largest weight.
double sweep(const ElasticNet& net, Eigen::VectorXd& weights, Eigen::VectorXd& products) {
  double largest_move = 0.0;
  double largest_weight = 0.0;
  for (Eigen::Index j = 0; j < weights.size(); ++j) {
    const double curvature = net.gram(j, j);
    if (curvature == 0.0) continue;
    const double old = weights[j];
    const double gradient = net.target[j] - products[j] + old * curvature;
    weights[j] = soft_threshold(gradient, net.l1) / (curvature + net.l2);
    if (weights[j] != old) products += (weights[j] - old) * net.gram.col(j);
    largest_move = std::max(largest_move, std::fabs(weights[j] - old));
    largest_weight = std::max(largest_weight, std::fabs(weights[j]));
  }
  return largest_weight > 0.0 ? largest_move / largest_weight : 0.0;
}

/// Without the label's own part. `products`: G w.
double objective(const ElasticNet& net, const Eigen::VectorXd& weights, const Eigen::VectorXd& products) {
  return 0.5 * weights.dot(products) - net.target.dot(weights) + net.l1 * weights.lpNorm<1>() +
         0.5 * net.l2 * weights.squaredNorm();
}

/// Goes straight to where the weights that are not zero would be best, their signs kept, or as far as to the
/// first that reaches zero. Where features depend on each other, rounds alone creep there.
Eigen::VectorXd settled(const ElasticNet& net, const Eigen::VectorXd& weights) {
  std::vector<Eigen::Index> active;
  for (Eigen::Index j = 0; j < weights.size(); ++j) {
    if (weights[j] != 0.0) active.push_back(j);
  }
  if (active.empty()) return weights;
  Eigen::MatrixXd curvature = net.gram(active, active);
  curvature.diagonal().array() += net.l2;
  const Eigen::VectorXd from = weights(active);
  const Eigen::VectorXd pull = net.target(active) - net.l1 * from.cwiseSign();
  const Eigen::VectorXd step = Eigen::LLT<Eigen::MatrixXd, Eigen::Lower>(curvature).solve(pull) - from;
  double share = 1.0;
  for (Eigen::Index i = 0; i < step.size(); ++i) {
    if (from[i] * (from[i] + step[i]) < 0.0) share = std::min(share, -from[i] / step[i]);
  }
  Eigen::VectorXd moved = weights;
  for (std::size_t i = 0; i < active.size(); ++i) {
    const auto place = static_cast<Eigen::Index>(i);
    const double there = from[place] + share * step[place];
    moved[active[i]] = from[place] * there > 0.0 ? there : 0.0;
  }
  return moved;
}

/// Keeps the straight step where it does not lead up, as it may where rounding alone tells features apart.
void settle(const ElasticNet& net, Eigen::VectorXd& weights, Eigen::VectorXd& products) {
  const Eigen::VectorXd moved = settled(net, weights);
  const Eigen::VectorXd moved_products = net.gram * moved;
  if (!(objective(net, moved, moved_products) <= objective(net, weights, products))) return;
  weights = moved;
  products = moved_products;
}

}  // namespace

Descent descend(const ElasticNet& net, DescentLimits limits) {
  Descent result;
  result.weights = Eigen::VectorXd::Zero(net.target.size());
  Eigen::VectorXd products = Eigen::VectorXd::Zero(net.target.size());
  result.gap = duality_gap(net, result.weights, products);
  while (result.rounds < limits.rounds) {
    ++result.rounds;
    if (result.rounds % kRoundsToSettle == 0) settle(net, result.weights, products);
    const double move = sweep(net, result.weights, products);
    if (move > limits.tolerance && result.rounds < limits.rounds) continue;
    products.noalias() = net.gram * result.weights;  // without what many updates have added up to
    result.gap = duality_gap(net, result.weights, products);
    if (result.gap <= limits.tolerance * net.label_square) break;
  }
  return result;
}

std::vector<ParameterInfo> descent_settings() {
  return {{"alpha", 0.001, "size of the penalty, in units of the label × a standardised feature", 1e-15,
           std::nullopt},
          intercept_setting(),
          standardize_setting(),
          {"tol", 1e-6, "the duality gap to reach, as a share of the label's variance", 1e-15, 1.0},
          {"max_iter", std::int64_t{10000}, "rounds over all features at most", 1.0, 1e9}};
}

FittedLine fit_elastic_net(const std::string& model, const Dataset& train, const ParameterMap& parameters,
                           double l1_ratio, int threads) {
  const Gram gram = accumulate_gram(model, train, get_bool(parameters, "fit_intercept"), threads);
  NormalEquations equations = normal_equations(gram, get_bool(parameters, "standardize"));
  const double alpha = get_double(parameters, "alpha");
  const ElasticNet net{equations.gram / gram.weight, equations.target / gram.weight,
                       equations.label_squares / gram.weight, alpha * l1_ratio, alpha * (1.0 - l1_ratio)};
  const DescentLimits limits{get_double(parameters, "tol"),
                             static_cast<int>(get_integer(parameters, "max_iter"))};
  const Descent found = descend(net, limits);
  if (!(found.gap <= limits.tolerance * net.label_square)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the {} model has not settled after max_iter {} rounds: its duality gap is {:.3g} of the "
                    "label's variance, tol asks for {:.3g}; a larger alpha or max_iter is needed",
                    model, limits.rounds, found.gap / net.label_square, limits.tolerance));
  }
  FittedLine line = line_through_means(gram, equations.scale, found.weights);
  line.rounds = found.rounds;
  return line;
}

}  // namespace orrery::plugins::models::linear
