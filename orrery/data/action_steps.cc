#include "orrery/data/action_steps.h"

#include <cmath>

namespace orrery {
namespace {

/// Splits nearer to 1 than this can't be told from dividends.
constexpr double kSmallestSplit = 1.2;
constexpr int kLargestWholeSplit = 100;

}  // namespace

double shortest_decimal(double value, double tolerance) {
  double scale = 1.0;
  for (int decimals = 0; decimals <= kMostDecimals; ++decimals, scale *= 10.0) {
    const double rounded = std::nearbyint(value * scale) / scale;
    if (std::abs(rounded - value) <= tolerance) return rounded;
  }
  return value;
}

std::optional<double> find_split_ratio(double step, double tolerance) {
  const double size = step > 1.0 ? step : 1.0 / step;
  if (size < kSmallestSplit) return std::nullopt;
  for (int old_shares = 1; old_shares <= 10; ++old_shares) {
    const double new_shares = std::nearbyint(size * old_shares);
    if (new_shares > (old_shares == 1 ? kLargestWholeSplit : 20)) break;
    const double ratio = new_shares / old_shares;
    if (std::abs(size - ratio) <= tolerance * ratio) return step > 1.0 ? ratio : 1.0 / ratio;
  }
  return std::nullopt;
}

}  // namespace orrery
