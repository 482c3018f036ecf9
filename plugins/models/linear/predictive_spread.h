#pragma once

#include <Eigen/Dense>
#include <span>
#include <vector>

namespace orrery::plugins::models::linear {

/// What a linear model knows of its own error: a sample's label lies around the line with the variance
/// noise_variance + |factor × (features - centre)|².
struct PredictiveSpread {
  double noise_variance = 0.0;
  std::vector<double> centre;  ///< one a feature
  std::vector<double> factor;  ///< upper triangle of features × features, column by column

  /// Returns the standard deviation of one sample's label around its score.
  double deviation(std::span<const float> features) const;
};

/// Makes the spread of weights whose covariance is square_rootᵀ × square_root, in features divided by
/// `scale`.
PredictiveSpread predictive_spread(double noise_variance, const Eigen::VectorXd& centre,
                                   const Eigen::MatrixXd& square_root, const Eigen::VectorXd& scale);

}  // namespace orrery::plugins::models::linear
