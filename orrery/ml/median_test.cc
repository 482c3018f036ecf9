#include "orrery/ml/median.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "orrery/base/random.h"

namespace orrery::median_test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// The definition: sort what is present, take the middle.
float slow_median(std::vector<float> values) {
  values.erase(std::remove_if(values.begin(), values.end(), [](float v) { return std::isnan(v); }),
               values.end());
  if (values.empty()) return kNan;
  std::sort(values.begin(), values.end());
  const std::size_t n = values.size();
  return n % 2 == 1 ? values[n / 2] + 0.0F : (values[n / 2 - 1] + values[n / 2]) * 0.5F + 0.0F;
}

void expect_same_bits(float found, float expected) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found));
  } else {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(found), std::bit_cast<std::uint32_t>(expected))
        << found << expected;
  }
}

TEST(Median, OfFewValues) {
  MedianFinder finder;
  const auto median = [&](const std::vector<float>& values) { return finder.median(values); };
  EXPECT_TRUE(std::isnan(median({})));
  EXPECT_TRUE(std::isnan(median({kNan, kNan})));
  EXPECT_EQ(median({3.0F}), 3.0F);
  EXPECT_EQ(median({3.0F, kNan, 1.0F}), 2.0F);
  EXPECT_EQ(median({kInfinity, -kInfinity, 1.0F}), 1.0F);
  EXPECT_EQ(median({kInfinity, kInfinity, 1.0F}), kInfinity);
}

/// A column of one of the shapes that factors have.
std::vector<float> column(Random& random, std::size_t size, std::uint64_t shape) {
  std::vector<float> values(size);
  for (std::size_t i = 0; i < size; ++i) {
    const double normal = random.normal();
    const double choices[] = {
        normal,                                                // a bell
        1.0 + 1e-3 * normal,                                   // all in few float exponents
        std::floor(3.0 * random.uniform()),                    // three values
        std::exp(8.0 * normal),                                // heavy tail
        static_cast<double>(i) + normal,                       // a trend
        i < size / 2 ? -1.0 : 1.0,                             // two halves
        static_cast<double>(i % 1024 == 0 ? 100.0 : normal)};  // misleads a strided sample
    values[i] = static_cast<float>(choices[shape]);
    if (random.uniform() < 0.05) values[i] = kNan;
    if (random.uniform() < 0.01) values[i] = random.uniform() < 0.5 ? kInfinity : -kInfinity;
  }
  return values;
}

TEST(Median, EqualsSortingToTheBit) {
  Random random(3);
  MedianFinder finder;
  for (const std::size_t size : {7u, 8u, 4095u, 4096u, 4097u, 9000u, 70001u, 131072u}) {
    for (std::uint64_t shape = 0; shape < 7; ++shape) {
      const auto values = column(random, size, shape);
      expect_same_bits(finder.median(values), slow_median(values));
    }
  }
}

TEST(Median, IsRightWhereTheSampleIsBlind) {
  // The sample reads every 64th value: those are all 5, the others lie far away on one side.
  std::vector<float> values(65536, -100.0F);
  for (std::size_t i = 0; i < values.size(); i += 64) values[i] = 5.0F;
  MedianFinder finder;
  EXPECT_EQ(finder.median(values), -100.0F);
  for (std::size_t i = 0; i < values.size(); i += 64) values[i] = kNan;
  EXPECT_EQ(finder.median(values), -100.0F);
}

TEST(CompactPresent, KeepsEligibleValuesInOrder) {
  Random random(9);
  for (std::size_t size = 0; size < 40; ++size) {
    std::vector<float> values(size), expected, found(size + kCompactSlack);
    std::vector<std::uint8_t> eligible(size);
    for (std::size_t i = 0; i < size; ++i) {
      values[i] = random.below(4) == 0 ? kNan : static_cast<float>(i);
      eligible[i] = static_cast<std::uint8_t>(random.below(3));
      if (eligible[i] != 0 && !std::isnan(values[i])) expected.push_back(values[i]);
    }
    found.resize(compact_present(values, eligible, found.data()));
    EXPECT_EQ(found, expected);
  }
}

}  // namespace
}  // namespace orrery::median_test
