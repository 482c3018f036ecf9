#include "orrery/portfolio/risk_model.h"

#include <Eigen/Dense>
#include <utility>

namespace orrery {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
using MatrixView = Eigen::Map<const RowMatrix>;
using VectorView = Eigen::Map<const Eigen::VectorXd>;

MatrixView view_square(const SquareMatrix& matrix) {
  const auto size = static_cast<Eigen::Index>(matrix.size);
  return {matrix.values.data(), size, size};
}

MatrixView view_loadings(const RiskModel& model) {
  return {model.loadings.data(), static_cast<Eigen::Index>(model.specific_variance.size()),
          static_cast<Eigen::Index>(model.factor_covariance.size)};
}

VectorView view_vector(std::span<const double> values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

}  // namespace

RiskModel RiskModel::dense(SquareMatrix covariance) {
  RiskModel model;
  model.covariance = std::move(covariance);
  return model;
}

RiskModel RiskModel::factors(std::vector<double> loadings, SquareMatrix factor_covariance,
                             std::vector<double> specific_variance) {
  RiskModel model;
  model.loadings = std::move(loadings);
  model.factor_covariance = std::move(factor_covariance);
  model.specific_variance = std::move(specific_variance);
  return model;
}

SquareMatrix RiskModel::full() const {
  if (!by_factors()) return covariance;
  SquareMatrix whole(names());
  const auto order = static_cast<Eigen::Index>(names());
  Eigen::Map<RowMatrix> target(whole.values.data(), order, order);
  target.noalias() = view_loadings(*this) * view_square(factor_covariance) * view_loadings(*this).transpose();
  target.diagonal() += view_vector(specific_variance);
  return whole;
}

std::vector<double> RiskModel::variances() const {
  std::vector<double> diagonal(names());
  for (std::size_t i = 0; i < diagonal.size(); ++i) {
    if (!by_factors()) {
      diagonal[i] = covariance(i, i);
      continue;
    }
    const auto row = view_loadings(*this).row(static_cast<Eigen::Index>(i));
    diagonal[i] = specific_variance[i] + (row * view_square(factor_covariance)).dot(row);
  }
  return diagonal;
}

std::vector<double> RiskModel::times(std::span<const double> weights) const {
  std::vector<double> product(names());
  Eigen::Map<Eigen::VectorXd> target(product.data(), static_cast<Eigen::Index>(product.size()));
  const auto w = view_vector(weights);
  if (by_factors()) {
    const Eigen::VectorXd exposure = view_square(factor_covariance) * (view_loadings(*this).transpose() * w);
    target.noalias() = view_loadings(*this) * exposure;
    target += view_vector(specific_variance).cwiseProduct(w);
  } else {
    target.noalias() = view_square(covariance) * w;
  }
  return product;
}

double RiskModel::variance(std::span<const double> weights) const {
  const auto product = times(weights);
  return view_vector(product).dot(view_vector(weights));
}

}  // namespace orrery
