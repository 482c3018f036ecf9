#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "orrery/portfolio/square_matrix.h"

namespace orrery {

/// The covariance of the returns of n names: dense, or by factors, Σ = B F B' + diag(d). The second needs
/// n × k numbers instead of n², and optimisers use that.
struct RiskModel {
  /// Takes a dense covariance; symmetric, no missing values.
  static RiskModel dense(SquareMatrix covariance);
  /// `loadings` B: names × factors, row after row; `factor_covariance` F; `specific_variance` d >= 0.
  static RiskModel factors(std::vector<double> loadings, SquareMatrix factor_covariance,
                           std::vector<double> specific_variance);

  std::size_t names() const { return by_factors() ? specific_variance.size() : covariance.size; }
  bool by_factors() const { return !specific_variance.empty(); }
  /// Returns Σ as one matrix, whatever its form.
  SquareMatrix full() const;
  /// Returns the diagonal of Σ.
  std::vector<double> variances() const;
  /// Returns Σ w.
  std::vector<double> times(std::span<const double> weights) const;
  /// Returns w' Σ w.
  double variance(std::span<const double> weights) const;

  SquareMatrix covariance;       ///< of the dense form
  std::vector<double> loadings;  ///< of the form by factors, as the next two
  SquareMatrix factor_covariance;
  std::vector<double> specific_variance;
};

}  // namespace orrery
