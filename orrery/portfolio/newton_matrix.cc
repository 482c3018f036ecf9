#include "orrery/portfolio/newton_matrix.h"

#include <algorithm>
#include <cmath>

namespace orrery {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;
using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// What is added to the diagonal, of the largest entry, so that rounding can't make a semidefinite Σ
/// indefinite.
constexpr double kRegularization = 1e-15;

/// Returns L with L L' = matrix, which may be singular.
MatrixXd square_root(const MatrixXd& matrix) {
  if (matrix.size() == 0) return matrix;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> solver(matrix);
  return solver.eigenvectors() * solver.eigenvalues().cwiseMax(0.0).cwiseSqrt().asDiagonal();
}

}  // namespace

NewtonMatrix::NewtonMatrix(const RiskModel& risk, double scale) : dense_(!risk.by_factors()) {
  const auto names = static_cast<Index>(risk.names());
  if (dense_) {
    scaled_ = scale * Eigen::Map<const RowMatrix>(risk.covariance.values.data(), names, names);
    regularization_ = names == 0 ? 0.0 : kRegularization * scaled_.diagonal().maxCoeff();
    return;
  }
  const auto factors = static_cast<Index>(risk.factor_covariance.size);
  const Eigen::Map<const RowMatrix> loadings(risk.loadings.data(), names, factors);
  const Eigen::Map<const RowMatrix> factor_covariance(risk.factor_covariance.values.data(), factors, factors);
  scaled_ = loadings * square_root(scale * factor_covariance);
  specific_ = scale * Eigen::Map<const Eigen::ArrayXd>(risk.specific_variance.data(), names);
  regularization_ = kRegularization * std::max(specific_.maxCoeff(), 1e-300);
}

VectorXd NewtonMatrix::times(const VectorXd& x) const {
  if (dense_) return scaled_ * x;
  VectorXd product = scaled_ * (scaled_.transpose() * x);
  product += (specific_ * x.array()).matrix();
  return product;
}

bool NewtonMatrix::factor(const Eigen::ArrayXd& diagonal) {
  if (dense_) {
    MatrixXd sum = scaled_;
    sum.diagonal().array() += diagonal + regularization_;
    cholesky_.compute(sum);
    return cholesky_.info() == Eigen::Success;
  }
  inverse_diagonal_ = 1.0 / (specific_ + diagonal + regularization_);
  weighted_ = inverse_diagonal_.matrix().asDiagonal() * scaled_;
  MatrixXd core = scaled_.transpose() * weighted_;
  core.diagonal().array() += 1.0;
  cholesky_.compute(core);
  return cholesky_.info() == Eigen::Success;
}

MatrixXd NewtonMatrix::solve(const MatrixXd& right) const {
  if (dense_) return cholesky_.solve(right);
  return inverse_diagonal_.matrix().asDiagonal() * right -
         weighted_ * cholesky_.solve(weighted_.transpose() * right);
}

}  // namespace orrery
