#include "orrery/ml/coverage_check.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

double log_binomial(std::size_t trials, std::size_t hits, double chance) {
  const auto n = static_cast<double>(trials);
  const auto k = static_cast<double>(hits);
  return std::lgamma(n + 1.0) - std::lgamma(k + 1.0) - std::lgamma(n - k + 1.0) + k * std::log(chance) +
         (n - k) * std::log1p(-chance);
}

/// The fewest hits that have at least so much probability at or below them.
std::size_t binomial_quantile(std::size_t trials, double chance, double probability) {
  double below = 0.0;
  for (std::size_t hits = 0; hits < trials; ++hits) {
    below += std::exp(log_binomial(trials, hits, chance));
    if (below >= probability) return hits;
  }
  return trials;
}

bool inside_unit(double value) { return value > 0.0 && value < 1.0; }

}  // namespace

ShareBounds binomial_bounds(double chance, std::size_t trials, double confidence) {
  if (!inside_unit(chance) || !inside_unit(confidence)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("a chance and a confidence lie between 0 and 1, found {} and {}", chance, confidence));
  }
  if (trials == 0) return {};
  const double rare = (1.0 - confidence) / 2.0;
  const auto share = [&](double probability) {
    return static_cast<double>(binomial_quantile(trials, chance, probability)) / static_cast<double>(trials);
  };
  return {share(rare), share(1.0 - rare)};
}

CoverageCheck check_coverage(double promised, std::span<const double> daily) {
  const auto known = drop_missing(daily);
  return {promised, mean(known), known.size()};
}

}  // namespace orrery
