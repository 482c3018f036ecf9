#include "orrery/base/regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

using Vector = std::vector<double>;

/// A column that keeps less than this of its length beside the others says nothing of its own.
constexpr double kCollinear = 1e-9;

double dot(const Vector& a, const Vector& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

void subtract(Vector& from, double times, const Vector& what) {
  for (std::size_t t = 0; t < from.size(); ++t) from[t] -= times * what[t];
}

/// The complete observations: the target, and the design with its constant.
struct Observations {
  Vector target;
  std::vector<Vector> design;
};

Observations complete_observations(std::span<const double> target, std::span<const Vector> regressors) {
  Observations kept;
  kept.design.resize(regressors.size() + 1);
  for (std::size_t t = 0; t < target.size(); ++t) {
    const bool complete =
        std::isfinite(target[t]) && std::all_of(regressors.begin(), regressors.end(),
                                                [&](const Vector& x) { return std::isfinite(x[t]); });
    if (!complete) continue;
    kept.target.push_back(target[t]);
    kept.design[0].push_back(1.0);
    for (std::size_t k = 0; k < regressors.size(); ++k) kept.design[k + 1].push_back(regressors[k][t]);
  }
  return kept;
}

/// Orthonormal columns Q and the triangle R with design = Q R.
struct Factorisation {
  std::vector<Vector> q;
  std::vector<Vector> r;  ///< [row][column]
  bool full_rank = true;
};

/// Gram-Schmidt, each column twice against those before it, which keeps Q orthogonal to rounding.
Factorisation factorise(const std::vector<Vector>& design) {
  const std::size_t count = design.size();
  Factorisation result{{}, std::vector<Vector>(count, Vector(count, 0.0)), true};
  for (std::size_t k = 0; k < count; ++k) {
    Vector column = design[k];
    const double length = std::sqrt(dot(column, column));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::size_t j = 0; j < k; ++j) {
        const double along = dot(result.q[j], column);
        result.r[j][k] += along;
        subtract(column, along, result.q[j]);
      }
    }
    const double own = std::sqrt(dot(column, column));
    if (!(own > kCollinear * length)) return {{}, {}, false};
    result.r[k][k] = own;
    for (double& value : column) value /= own;
    result.q.push_back(std::move(column));
  }
  return result;
}

/// Rows of (X'X)^-1 X' = R^-1 Q': what each observation of the target adds to each coefficient.
std::vector<Vector> pseudo_inverse(Factorisation factors) {
  std::vector<Vector> rows = std::move(factors.q);
  for (std::size_t k = rows.size(); k-- > 0;) {
    for (std::size_t j = k + 1; j < rows.size(); ++j) subtract(rows[k], factors.r[k][j], rows[j]);
    for (double& value : rows[k]) value /= factors.r[k][k];
  }
  return rows;
}

Vector residuals_of(const Observations& data, const Vector& coefficients) {
  Vector residuals = data.target;
  for (std::size_t k = 0; k < coefficients.size(); ++k) subtract(residuals, coefficients[k], data.design[k]);
  return residuals;
}

/// A coefficient's error is the sum of its weights times the residuals: n times the mean of those products,
/// whose standard error Newey and West give. The products add up to 0, being orthogonal to the design.
double standard_error(const Vector& weights, const Vector& residuals, int lag) {
  Vector products(weights.size());
  std::transform(weights.begin(), weights.end(), residuals.begin(), products.begin(), std::multiplies<>());
  return newey_west_standard_error(products, lag) * static_cast<double>(weights.size());
}

void measure_fit(const Vector& target, const Vector& residuals, Regression& result) {
  const double center = mean(target);
  double total = 0.0;
  for (const double value : target) total += (value - center) * (value - center);
  const double unexplained = dot(residuals, residuals);
  if (total > 0.0) result.r_squared = 1.0 - unexplained / total;
  const auto freedom = static_cast<double>(target.size() - result.coefficients.size());
  result.residual_deviation = std::sqrt(unexplained / freedom);
}

Regression not_computable(std::size_t coefficients, std::size_t observations) {
  Regression result;
  result.coefficients = result.standard_errors = result.t = Vector(coefficients, kNaN);
  result.observations = observations;
  return result;
}

void check_lengths(std::size_t length, std::span<const Vector> regressors) {
  for (const Vector& regressor : regressors) {
    if (regressor.size() == length) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("regression: the target has {} observations, but a regressor {}", length,
                                 regressor.size()));
  }
}

}  // namespace

Regression regress(std::span<const double> target, std::span<const std::vector<double>> regressors) {
  check_lengths(target.size(), regressors);
  const Observations data = complete_observations(target, regressors);
  const std::size_t count = data.design.size();
  Regression result = not_computable(count, data.target.size());
  if (data.target.size() <= count) return result;
  Factorisation factors = factorise(data.design);
  if (!factors.full_rank) return result;
  const std::vector<Vector> weights = pseudo_inverse(std::move(factors));
  for (std::size_t k = 0; k < count; ++k) result.coefficients[k] = dot(weights[k], data.target);
  const Vector residuals = residuals_of(data, result.coefficients);
  result.lag = newey_west_lag(result.observations);
  for (std::size_t k = 0; k < count; ++k) {
    result.standard_errors[k] = standard_error(weights[k], residuals, result.lag);
    result.t[k] = result.coefficients[k] / result.standard_errors[k];
  }
  measure_fit(data.target, residuals, result);
  return result;
}

}  // namespace orrery
