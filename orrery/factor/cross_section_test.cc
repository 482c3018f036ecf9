#include "orrery/factor/cross_section.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
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

/// The members of each group by its codes, from the definition.
std::map<std::vector<double>, std::vector<std::uint32_t>> counted_groups(
    const std::vector<std::vector<double>>& inputs) {
  std::map<std::vector<double>, std::vector<std::uint32_t>> result;
  for (std::size_t i = 0; i < inputs[0].size(); ++i) {
    std::vector<double> codes;
    bool there = std::isfinite(inputs[0][i]);
    for (std::size_t input = 1; input < inputs.size(); ++input) {
      codes.push_back(inputs[input][i]);
      there &= std::isfinite(codes.back());
    }
    if (there) result[codes].push_back(static_cast<std::uint32_t>(i));
  }
  return result;
}

void expect_counted_groups(const std::vector<std::vector<double>>& inputs, CrossScratch& scratch) {
  std::vector<const double*> pointers;
  for (const auto& input : inputs) pointers.push_back(input.data());
  const CrossRow row = {inputs[0].size(), pointers, {}, nullptr, &scratch, nullptr};
  const CrossGroups found = group_instruments(row, 1, inputs.size());
  const auto expected = counted_groups(inputs);
  ASSERT_EQ(found.size(), expected.size());
  std::size_t g = 0;
  for (const auto& [codes, members] : expected) {
    const auto group = found.group(g++);
    EXPECT_EQ(std::vector<std::uint32_t>(group.begin(), group.end()), members);
  }
}

// One scratch for all rows, as cross-sections have it: who has a value or a group changes from row to row,
// groups change now and then, and rows of none, one and two groups take turns.
TEST(GroupInstruments, RowsAfterOneAnother) {
  constexpr std::size_t kInstruments = 40;
  Random random(11);
  CrossScratch scratch;
  std::vector<double> sector(kInstruments);
  std::vector<double> country(kInstruments);
  for (int round = 0; round < 300; ++round) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      if (round == 0 || random.uniform() < 0.01) sector[i] = std::floor(5.0 * random.uniform());
      if (round == 0 || random.uniform() < 0.01) country[i] = std::floor(3.0 * random.uniform());
    }
    const auto with_gaps = [&](std::vector<double> values, double share) {
      for (double& value : values) value = random.uniform() < share ? kNan : value;
      return values;
    };
    // Of no group, of one and of two, some rows each; all are one where there is no group.
    const int groups = round / 4 % 3;
    std::vector<std::vector<double>> inputs = {with_gaps(sector, 0.3)};
    if (groups > 0) inputs.push_back(with_gaps(sector, 0.1));
    if (groups > 1) inputs.push_back(with_gaps(country, 0.1));
    expect_counted_groups(inputs, scratch);
  }
  std::vector<double> nobody(kInstruments, kNan);
  expect_counted_groups({nobody, sector}, scratch);
  expect_counted_groups({sector, nobody}, scratch);
}

}  // namespace
}  // namespace orrery::cross_section_test
