#pragma once

#include <Eigen/Dense>

#include "orrery/portfolio/risk_model.h"

namespace orrery {

/// scale · Σ plus a diagonal that changes from one iteration to the next.
class NewtonMatrix {
 public:
  /// `risk` must outlive the matrix.
  NewtonMatrix(const RiskModel& risk, double scale);

  /// Returns scale · Σ x.
  Eigen::VectorXd times(const Eigen::VectorXd& x) const;
  /// Factors scale · Σ + diag(diagonal), diagonal >= 0: n³/3 operations when Σ is dense, n k² when it has k
  /// factors (Woodbury). Returns false where the sum is not positive definite.
  bool factor(const Eigen::ArrayXd& diagonal);
  /// Solves for the columns of `right`. Call after factor().
  Eigen::MatrixXd solve(const Eigen::MatrixXd& right) const;

 private:
  bool dense_;
  Eigen::MatrixXd scaled_;   ///< dense: scale · Σ; by factors: B L, where L L' = scale · F
  Eigen::ArrayXd specific_;  ///< by factors: scale · d
  double regularization_ = 0.0;
  Eigen::LLT<Eigen::MatrixXd> cholesky_;
  Eigen::ArrayXd inverse_diagonal_;  ///< by factors
  Eigen::MatrixXd weighted_;         ///< by factors: D⁻¹ B L
};

}  // namespace orrery
