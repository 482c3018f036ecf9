#pragma once

#include <Eigen/Dense>
#include <string>

#include "plugins/models/linear/line_model.h"

namespace orrery::plugins::models::linear {

/// An elastic net: the w of least (1/2 w'Gw - t'w + 1/2 s) + l1 |w| + 1/2 l2 |w|², where the bracket is half
/// the mean squared error.
struct ElasticNet {
  Eigen::MatrixXd gram;       ///< G, over the weight of the samples
  Eigen::VectorXd target;     ///< t, likewise
  double label_square = 0.0;  ///< s, likewise
  double l1 = 0.0;
  double l2 = 0.0;
};

struct DescentLimits {
  double tolerance = 0.0;
  int rounds = 0;
};

struct Descent {
  Eigen::VectorXd weights;
  int rounds = 0;
  double gap = 0.0;  ///< how much better than these any weights can be at most
};

/// Minimises an elastic net coordinate by coordinate, in order, until in one round no weight moves by more
/// than the tolerance's share of the largest weight, and the duality gap is at most the tolerance's share of
/// the label's mean square; or the rounds are used up. Every ten rounds the weights that are not zero go
/// straight to their common best, since rounds alone creep where features depend on each other. Source:
/// Friedman, Hastie and Tibshirani (2010), "Regularization paths for generalized linear models via coordinate
/// descent", with covariance updates; the gap is that of scikit-learn's ElasticNet.
Descent descend(const ElasticNet& net, DescentLimits limits);

/// The settings of lasso and elastic_net but for the share of the L1 penalty.
std::vector<ParameterInfo> descent_settings();

/// Fits a line with `alpha · l1_ratio · |w| + alpha · (1 - l1_ratio) / 2 · |w|²` beside half the mean squared
/// error. Errors: kInvalidArgument where `max_iter` rounds are not enough.
FittedLine fit_elastic_net(const std::string& model, const Dataset& train, const ParameterMap& parameters,
                           double l1_ratio, int threads);

}  // namespace orrery::plugins::models::linear
