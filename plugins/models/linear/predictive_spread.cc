#include "plugins/models/linear/predictive_spread.h"

#include <cmath>

namespace orrery::plugins::models::linear {

double PredictiveSpread::deviation(std::span<const float> features) const {
  std::vector<double> product(features.size());
  std::size_t next = 0;
  for (std::size_t column = 0; column < features.size(); ++column) {
    const double distance = static_cast<double>(features[column]) - centre[column];
    for (std::size_t row = 0; row <= column; ++row) product[row] += factor[next++] * distance;
  }
  double variance = noise_variance;
  for (const double value : product) variance += value * value;
  return std::sqrt(variance);
}

PredictiveSpread predictive_spread(double noise_variance, const Eigen::VectorXd& centre,
                                   const Eigen::MatrixXd& square_root, const Eigen::VectorXd& scale) {
  // The triangle of a QR decomposition is another square root, of half the size.
  const Eigen::HouseholderQR<Eigen::MatrixXd> decomposition(square_root);
  const auto& triangle = decomposition.matrixQR();
  PredictiveSpread spread{noise_variance, {centre.begin(), centre.end()}, {}};
  for (Eigen::Index column = 0; column < triangle.cols(); ++column) {
    for (Eigen::Index row = 0; row <= column; ++row)
      spread.factor.push_back(triangle(row, column) / scale[column]);
  }
  return spread;
}

}  // namespace orrery::plugins::models::linear
