#include "orrery/factor/cross_section.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/market/panel.h"

namespace orrery::cross_section_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::vector<double> ranks_of(const std::vector<double>& values, kernels::InstructionSet instructions) {
  const std::size_t slots = cross_slots(values.size());
  Panel rows(2, slots);
  for (std::size_t i = 0; i < slots; ++i) rows(0, i) = i < values.size() ? values[i] : kNan;
  for (std::size_t i = 0; i < slots; ++i) rows(1, i) = kNan;
  const double* input = rows.row_data(0);
  CrossScratch scratch;
  rank_row({values.size(), {&input, 1}, {}, rows.row_data(1), &scratch, &kernels::row_kernels(instructions)});
  return {rows.row_data(1), rows.row_data(1) + values.size()};
}

/// From the definition: how many are less, and half of those that are equal.
std::vector<double> counted_ranks(const std::vector<double>& values) {
  double present = 0.0;
  for (const double value : values) present += std::isfinite(value) ? 1.0 : 0.0;
  std::vector<double> result;
  for (const double value : values) {
    double less = 0.0;
    double equal = 0.0;
    for (const double other : values) {
      if (!std::isfinite(other)) continue;
      less += other < value ? 1.0 : 0.0;
      equal += other == value ? 1.0 : 0.0;
    }
    result.push_back(std::isfinite(value) ? (less + 0.5 * (equal + 1.0)) / present : kNan);
  }
  return result;
}

void expect_counted_ranks(const std::vector<double>& values) {
  const auto expected = counted_ranks(values);
  for (const auto instructions : {kernels::InstructionSet::kAvx2, kernels::available_instructions()}) {
    const auto found = ranks_of(values, instructions);
    for (std::size_t i = 0; i < values.size(); ++i) {
      ASSERT_EQ(std::isnan(found[i]), std::isnan(expected[i])) << i << " of " << values.size();
      if (std::isnan(expected[i])) continue;
      ASSERT_EQ(found[i], expected[i]) << i << " of " << values.size();
    }
  }
}

/// Rows as wide as a vector's lanes just hold, with one more, and as wide as the slots.
constexpr std::size_t kWidths[] = {1, 2, 31, 127, 128, 129, 255, 256, 500, 512, 513, 1024, 1500};

void expect_counted_ranks_of(const std::function<double(Random&)>& draw) {
  Random random(7);
  for (const std::size_t width : kWidths) {
    for (const double gaps : {0.0, 0.1}) {
      std::vector<double> values;
      for (std::size_t i = 0; i < width; ++i) values.push_back(random.uniform() < gaps ? kNan : draw(random));
      expect_counted_ranks(values);
    }
  }
}

TEST(RankRow, ValuesThatDiffer) {
  expect_counted_ranks_of([](Random& random) { return random.normal(); });
}

TEST(RankRow, EqualValuesShareTheirRank) {
  for (const double levels : {1.0, 2.0, 7.0, 60.0})
    expect_counted_ranks_of([=](Random& random) { return std::floor(levels * random.uniform()); });
}

// One value far out leaves the keys of all others alike.
TEST(RankRow, ValuesThatKeysCannotTellApart) {
  expect_counted_ranks_of([](Random& random) { return std::exp(30.0 * random.normal()); });
  expect_counted_ranks_of(
      [](Random& random) { return random.uniform() < 0.02 ? 1e12 : std::floor(9.0 * random.uniform()); });
  expect_counted_ranks_of(
      [](Random& random) { return (random.uniform() < 0.5 ? 1.0 : -1.0) * 1.7e308 * random.uniform(); });
}

TEST(RankRow, ZerosAreEqualAndInfinitiesMissing) {
  expect_counted_ranks_of([](Random& random) {
    const double draw = random.uniform();
    if (draw < 0.1) return kInfinity;
    if (draw < 0.2) return -kInfinity;
    return draw < 0.5 ? 0.0 : (draw < 0.8 ? -0.0 : draw);
  });
}

}  // namespace
}  // namespace orrery::cross_section_test
