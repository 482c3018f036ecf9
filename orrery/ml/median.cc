#include "orrery/ml/median.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace orrery {
namespace {

constexpr std::size_t kSampleSize = 1024;
/// Below this the library's own selection is as fast.
constexpr std::size_t kSmall = 8 * kSampleSize;
/// Distance in sample ranks that the true rank leaves about once in 10^4 times: four standard deviations of a
/// median.
constexpr std::size_t kMargin = 64;

struct Bracket {
  float low = 0.0F;
  float high = 0.0F;
};

/// Guesses two values that enclose the k-th smallest.
Bracket bracket_rank(std::span<const float> values, std::size_t k) {
  std::array<float, kSampleSize> sample;
  for (std::size_t i = 0; i < kSampleSize; ++i) sample[i] = values[i * values.size() / kSampleSize];
  std::sort(sample.begin(), sample.end());
  const std::size_t rank = k * kSampleSize / values.size();
  Bracket bracket{-std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};
  if (rank >= kMargin) bracket.low = sample[rank - kMargin];
  if (rank + kMargin < kSampleSize) bracket.high = sample[rank + kMargin];
  return bracket;
}

float select_small(std::span<float> values, std::size_t k) {
  const auto kth = values.begin() + static_cast<std::ptrdiff_t>(k);
  std::nth_element(values.begin(), kth, values.end());
  return *kth;
}

/// The values before, inside and behind a bracket, by count; those inside have been moved to the front of
/// `kept`.
struct Partition {
  std::size_t below = 0;
  std::size_t kept = 0;
};

/// Swaps the values inside the bracket to the front, so that the span stays a permutation of itself.
Partition gather_bracket(std::span<float> values, Bracket bracket) {
  Partition counts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float value = values[i];
    const bool inside = value >= bracket.low && value <= bracket.high;
    counts.below += value < bracket.low ? 1 : 0;
    values[i] = values[counts.kept];
    values[counts.kept] = value;
    // A value outside is overwritten by the next one inside, which swaps it to its place.
    counts.kept += inside ? 1 : 0;
  }
  return counts;
}

}  // namespace

float select_kth(std::span<float> values, std::size_t k) {
  while (values.size() > kSmall) {
    const Bracket bracket = bracket_rank(values, k);
    const auto [below, kept] = gather_bracket(values, bracket);
    const bool found = k >= below && k < below + kept;
    if (found && bracket.low == bracket.high) return bracket.low;
    if (!found || kept == values.size()) break;
    values = values.first(kept);
    k -= below;
  }
  return select_small(values, k);
}

float median(std::span<float> values) {
  if (values.empty()) return std::numeric_limits<float>::quiet_NaN();
  const std::size_t middle = values.size() / 2;
  const float upper = select_kth(values, middle);
  // Adding zero turns -0 into +0, whose place among equal values would otherwise depend on the order.
  if (values.size() % 2 == 1) return upper + 0.0F;
  // The lower middle value is the largest of those that rank below.
  float lower = -std::numeric_limits<float>::infinity();
  std::size_t below = 0;
  for (const float value : values) {
    below += value < upper ? 1 : 0;
    lower = std::max(lower, value < upper ? value : lower);
  }
  if (below < middle) lower = upper;
  return (lower + upper) * 0.5F + 0.0F;
}

}  // namespace orrery
