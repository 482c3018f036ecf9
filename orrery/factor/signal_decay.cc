#include "orrery/factor/signal_decay.h"

#include <algorithm>
#include <cmath>

namespace orrery {
namespace {

constexpr double kShortest = 0.1;
constexpr double kLongestPerValue = 10.0;
constexpr int kGrid = 400;
constexpr int kRefinements = 100;

/// How much of the squares the best multiple of 2^(-k/half_life) takes away.
double explained(std::span<const double> values, double half_life) {
  double product = 0.0;
  double squares = 0.0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double weight = std::exp2(-static_cast<double>(k) / half_life);
    product += weight * values[k];
    squares += weight * weight;
  }
  return product * product / squares;
}

/// Narrows the place of the largest value between two points; both are logarithms of half-lives.
double refine(std::span<const double> values, double low, double high) {
  const double golden = 0.5 * (std::sqrt(5.0) - 1.0);
  for (int step = 0; step < kRefinements; ++step) {
    const double left = high - golden * (high - low);
    const double right = low + golden * (high - low);
    if (explained(values, std::exp(left)) > explained(values, std::exp(right))) {
      high = right;
    } else {
      low = left;
    }
  }
  return std::exp(0.5 * (low + high));
}

}  // namespace

double fit_half_life(std::span<const double> values) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  const bool whole = std::all_of(values.begin(), values.end(), [](double v) { return std::isfinite(v); });
  if (values.size() < 3 || !whole) return kNaN;
  const double first = std::log(kShortest);
  const double last = std::log(kLongestPerValue * static_cast<double>(values.size()));
  const auto point = [&](int i) { return first + (last - first) * i / kGrid; };
  int best = 0;
  for (int i = 1; i <= kGrid; ++i) {
    if (explained(values, std::exp(point(i))) > explained(values, std::exp(point(best)))) best = i;
  }
  if (explained(values, std::exp(point(best))) == 0.0) return kNaN;
  if (best == kGrid) return std::numeric_limits<double>::infinity();
  return refine(values, point(std::max(best - 1, 0)), point(best + 1));
}

}  // namespace orrery
