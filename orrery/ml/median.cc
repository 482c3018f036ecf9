#include "orrery/ml/median.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

namespace orrery {
namespace {

constexpr std::size_t kLanes = 8;
constexpr std::size_t kSampleSize = 1024;
/// Below this the library's own selection is as fast.
constexpr std::size_t kSmall = 4 * kSampleSize;
/// Distance in sample ranks that the true rank leaves about once in 10^4 times: four standard deviations of a
/// median.
constexpr std::size_t kMargin = 64;
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// For each 8-bit mask the lanes that are set, in order.
constexpr std::array<std::array<std::uint8_t, kLanes>, 256> make_lane_orders() {
  std::array<std::array<std::uint8_t, kLanes>, 256> orders{};
  for (unsigned mask = 0; mask < 256; ++mask) {
    std::size_t next = 0;
    for (std::uint8_t lane = 0; lane < kLanes; ++lane) {
      if ((mask >> lane & 1U) != 0) orders[mask][next++] = lane;
    }
  }
  return orders;
}
constexpr auto kLaneOrders = make_lane_orders();

/// Stores the lanes that `keep` (a full-width comparison mask) selects; returns the place behind them.
inline float* store_selected(__m256 values, __m256 keep, float* out) {
  const auto mask = static_cast<unsigned>(_mm256_movemask_ps(keep));
  const auto bytes = std::bit_cast<long long>(kLaneOrders[mask]);
  const __m256i order = _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(bytes));
  _mm256_storeu_ps(out, _mm256_permutevar8x32_ps(values, order));
  return out + std::popcount(mask);
}

/// Values between two bounds, both inclusive.
struct Bracket {
  float low = -kInfinity;
  float high = kInfinity;
};

/// How many values lie below a bracket and how many inside.
struct Narrowed {
  std::size_t below = 0;
  std::size_t kept = 0;
};

/// Copies the values inside the bracket; NaN is neither inside nor below.
Narrowed narrow(std::span<const float> values, Bracket bracket, float* out) {
  const __m256 low = _mm256_set1_ps(bracket.low);
  const __m256 high = _mm256_set1_ps(bracket.high);
  float* end = out;
  std::size_t below = 0;
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    const __m256 lanes = _mm256_loadu_ps(values.data() + i);
    const __m256 is_below = _mm256_cmp_ps(lanes, low, _CMP_LT_OQ);
    const __m256 inside =
        _mm256_and_ps(_mm256_cmp_ps(lanes, low, _CMP_GE_OQ), _mm256_cmp_ps(lanes, high, _CMP_LE_OQ));
    below += static_cast<std::size_t>(std::popcount(static_cast<unsigned>(_mm256_movemask_ps(is_below))));
    end = store_selected(lanes, inside, end);
  }
  for (; i < values.size(); ++i) {
    below += values[i] < bracket.low ? 1 : 0;
    if (values[i] >= bracket.low && values[i] <= bracket.high) *end++ = values[i];
  }
  return {below, static_cast<std::size_t>(end - out)};
}

/// Guesses two values that enclose the middle of `values`, which may hold NaN.
Bracket bracket_middle(std::span<const float> values) {
  std::array<float, kSampleSize> sample;
  std::size_t size = 0;
  for (std::size_t i = 0; i < kSampleSize; ++i) {
    const float value = values[i * values.size() / kSampleSize];
    sample[size] = value;
    size += std::isnan(value) ? 0 : 1;
  }
  std::sort(sample.begin(), sample.begin() + static_cast<std::ptrdiff_t>(size));
  Bracket bracket;
  if (size / 2 >= kMargin) bracket.low = sample[size / 2 - kMargin];
  if (size / 2 + kMargin < size) bracket.high = sample[size / 2 + kMargin];
  return bracket;
}

/// The two middle ranks (equal for an odd count).
struct Middle {
  std::size_t lower = 0;
  std::size_t upper = 0;
};

bool holds(Narrowed narrowed, Middle middle) {
  return middle.lower >= narrowed.below && middle.upper < narrowed.below + narrowed.kept;
}

float mean_of_middle(std::span<float> values, Middle middle) {
  const auto upper = values.begin() + static_cast<std::ptrdiff_t>(middle.upper);
  std::nth_element(values.begin(), upper, values.end());
  // Adding zero turns -0 into +0, whose place among equal values would otherwise depend on the order.
  if (middle.lower == middle.upper) return *upper + 0.0F;
  return (*std::max_element(values.begin(), upper) + *upper) * 0.5F + 0.0F;
}

}  // namespace

float MedianFinder::median(std::span<const float> values) {
  kept_.resize(std::max(kept_.size(), values.size() + kCompactSlack));
  next_.resize(kept_.size());
  const auto present = static_cast<std::size_t>(
      std::count_if(values.begin(), values.end(), [](float value) { return value == value; }));
  if (present == 0) return std::numeric_limits<float>::quiet_NaN();
  Middle middle{(present - 1) / 2, present / 2};
  std::span<const float> left = values;
  bool narrowing = true;
  while (narrowing && left.size() > kSmall) {
    const Bracket bracket = bracket_middle(left);
    const Narrowed narrowed = narrow(left, bracket, next_.data());
    const bool hit = holds(narrowed, middle);
    if (hit && bracket.low == bracket.high) return bracket.low + 0.0F;
    narrowing = hit && narrowed.kept < left.size() / 2;
    if (!hit) break;
    std::swap(kept_, next_);
    left = {kept_.data(), narrowed.kept};
    middle = {middle.lower - narrowed.below, middle.upper - narrowed.below};
  }
  // Also drops what is NaN, if no bracket has done so.
  const std::size_t count = narrow(left, {}, next_.data()).kept;
  return mean_of_middle({next_.data(), count}, middle);
}

std::size_t compact_present(std::span<const float> values, std::span<const std::uint8_t> eligible,
                            float* out) {
  float* end = out;
  std::size_t i = 0;
  for (; i + kLanes <= values.size(); i += kLanes) {
    const __m256 lanes = _mm256_loadu_ps(values.data() + i);
    const __m128i bytes = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(eligible.data() + i));
    const __m256i is_out = _mm256_cmpeq_epi32(_mm256_cvtepu8_epi32(bytes), _mm256_setzero_si256());
    const __m256 keep =
        _mm256_andnot_ps(_mm256_castsi256_ps(is_out), _mm256_cmp_ps(lanes, lanes, _CMP_ORD_Q));
    end = store_selected(lanes, keep, end);
  }
  for (; i < values.size(); ++i) {
    if (eligible[i] != 0 && !std::isnan(values[i])) *end++ = values[i];
  }
  return static_cast<std::size_t>(end - out);
}

}  // namespace orrery
