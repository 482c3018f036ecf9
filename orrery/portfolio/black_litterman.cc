#include "orrery/portfolio/black_litterman.h"

#include <Eigen/Dense>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr double kSingular = 1e-12;  ///< of the views' own variances

double dot(const std::vector<double>& left, const std::vector<double>& right) {
  return std::inner_product(left.begin(), left.end(), right.begin(), 0.0);
}

}  // namespace

std::vector<double> equilibrium_returns(const RiskModel& risk, const std::vector<double>& market_weights,
                                        double risk_aversion, double risk_free) {
  std::vector<double> returns = risk.times(market_weights);
  for (double& value : returns) value = risk_aversion * value + risk_free;
  return returns;
}

std::vector<double> posterior_returns(const RiskModel& risk, const std::vector<double>& equilibrium,
                                      const std::vector<ReturnView>& views) {
  std::vector<const ReturnView*> held;
  std::vector<std::vector<double>> products;  // Σ p of each
  for (const auto& view : views) {
    if (!(view.confidence > 0.0)) continue;
    held.push_back(&view);
    products.push_back(risk.times(view.weights));
  }
  const auto count = static_cast<Eigen::Index>(held.size());
  Eigen::MatrixXd matrix(count, count);
  Eigen::VectorXd surprise(count), deviations(count);
  for (std::size_t k = 0; k < held.size(); ++k) {
    const auto row = static_cast<Eigen::Index>(k);
    for (std::size_t j = 0; j < held.size(); ++j) {
      matrix(row, static_cast<Eigen::Index>(j)) = dot(held[k]->weights, products[j]);
    }
    matrix(row, row) /= held[k]->confidence;  // p Σ p' + p Σ p' (1 − c) / c
    deviations[row] = std::sqrt(matrix(row, row));
    surprise[row] = held[k]->expected_return - dot(held[k]->weights, equilibrium);
  }
  std::vector<double> returns = equilibrium;
  if (count == 0) return returns;
  // As correlations, so that what is singular does not hang on the size of the variances.
  const Eigen::VectorXd inverse = deviations.cwiseInverse();
  const Eigen::LDLT<Eigen::MatrixXd> factors(inverse.asDiagonal() * matrix * inverse.asDiagonal());
  if (!(factors.vectorD().minCoeff() > kSingular)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "the views that are taken for certain repeat or contradict one another: leave one out, or "
        "give it a confidence below 1");
  }
  const Eigen::VectorXd parts = inverse.cwiseProduct(factors.solve(inverse.cwiseProduct(surprise)));
  for (std::size_t k = 0; k < held.size(); ++k) {
    for (std::size_t i = 0; i < returns.size(); ++i) {
      returns[i] += parts[static_cast<Eigen::Index>(k)] * products[k][i];
    }
  }
  return returns;
}

}  // namespace orrery
