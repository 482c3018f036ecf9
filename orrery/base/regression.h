#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace orrery {

/// Ordinary least squares with a constant, and standard errors that hold when the residuals vary in size and
/// correlate over time. Everything is NaN (and the vectors hold NaN) where it is not computable.
struct Regression {
  std::vector<double> coefficients;                             ///< the constant, then one a regressor
  std::vector<double> standard_errors;                          ///< HAC, in the same order
  std::vector<double> t;                                        ///< coefficient / standard error
  double r_squared = std::numeric_limits<double>::quiet_NaN();  ///< 1 - residual / total variation
  double residual_deviation = std::numeric_limits<double>::quiet_NaN();  ///< divisor n - coefficients
  std::size_t observations = 0;  ///< with the target and every regressor present
  int lag = 0;                   ///< of the standard errors
};

/// Regresses `target` on a constant and `regressors`, each as long as the target and in order of time.
/// Observations with a missing value are left out; the lag counts those that stay: newey_west_lag of their
/// number. Standard errors: Bartlett weights, no small-sample correction. The same as statsmodels' OLS with
/// cov_type="HAC". Not computable: no more observations than coefficients, or regressors of which one is (to
/// 1e-9 of its length) a combination of the others and the constant. Source: Newey and West (1987, 1994).
/// Errors: kInvalidArgument for regressors of another length.
Regression regress(std::span<const double> target, std::span<const std::vector<double>> regressors);

}  // namespace orrery
