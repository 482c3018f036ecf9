#pragma once

#include <Eigen/Dense>
#include <string_view>

#include "orrery/ml/dataset.h"

namespace orrery::plugins::models::linear {

/// Weighted second moments of n features and, behind them, the label.
struct Gram {
  Eigen::VectorXd means;     ///< n + 1; zeros where nothing was centred
  Eigen::MatrixXd products;  ///< (n + 1) × (n + 1): sums of weighted products of what is left of the means
  double weight = 0.0;       ///< sum of the samples' weights

  Eigen::Index features() const { return means.size() - 1; }
  /// Root mean squares of what is left of the means: deviations, where centred.
  Eigen::VectorXd deviations() const { return (products.diagonal() / weight).cwiseSqrt(); }
};

/// Reads the samples block by block, once for the means and once for the products about them, so that large
/// means cost no digits. The same bits for any number of threads. Errors: kInvalidArgument, naming `model`,
/// for missing or infinite features, and for samples that all weigh nothing.
Gram accumulate_gram(std::string_view model, const Dataset& data, bool centred, int threads);

/// The normal equations of n features divided by a scale each.
struct NormalEquations {
  Eigen::VectorXd scale;       ///< deviations; 1 for a constant, or where nothing is scaled
  Eigen::MatrixXd gram;        ///< n × n: sums of products of the scaled features
  Eigen::VectorXd target;      ///< n: sums of their products with the label
  double label_squares = 0.0;  ///< sum of the label's squares
};

NormalEquations normal_equations(const Gram& gram, bool standardized);

}  // namespace orrery::plugins::models::linear
