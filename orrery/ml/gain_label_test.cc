#include "orrery/ml/gain_label.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"

namespace orrery::gain_label_test {
namespace {

Panel one_instrument(const std::vector<double>& prices) {
  Panel panel(prices.size(), 1);
  for (std::size_t row = 0; row < prices.size(); ++row) panel(row, 0) = prices[row];
  return panel;
}

std::vector<double> labels(const std::vector<double>& close, const std::vector<double>& high,
                           const GainLabel& spec) {
  const Panel prices = one_instrument(close);
  const Panel label = gain_label(prices, prices, one_instrument(high), spec);
  std::vector<double> result;
  for (std::size_t row = 0; row < label.rows(); ++row) result.push_back(label(row, 0));
  return result;
}

void expect_labels(const std::vector<double>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(found[i])) << "row " << i;
    } else {
      EXPECT_EQ(found[i], expected[i]) << "row " << i;
    }
  }
}

// Worked by hand: gain 10 %, within 2 sessions of the entry at t + 1.
//   row          0    1    2    3    4    5    6
//   close      100  100  105  110  100  100  120
//   row 0: entry 100 (row 1), best of rows 2, 3 = 110 >= 110: 1.   row 1: entry 105, best of 3, 4 = 110 <
//   115.5: 0. row 2: entry 110, best of 4, 5 = 100: 0.   row 3: entry 100, best of 5, 6 = 120: 1.   rows 4 to
//   6: unknown.
TEST(GainLabel, FollowsItsDefinition) {
  const std::vector<double> close{100, 100, 105, 110, 100, 100, 120};
  expect_labels(labels(close, close, {0.10, 2, GainLabel::Touch::kClose}), {1, 0, 0, 1, kNaN, kNaN, kNaN});
  // The entry's own day never counts, even where its high is far above.
  expect_labels(labels(close, {100, 500, 105, 110, 116, 100, 120}, {0.10, 2, GainLabel::Touch::kHigh}),
                {1, 1, 0, 1, kNaN, kNaN, kNaN});
  EXPECT_EQ(label_span_rows({0.10, 2, GainLabel::Touch::kClose}), 3);
}

TEST(GainLabel, KnowsHalts) {
  // Row 0 has no entry (row 1 halted). Row 1's span (3, 4) is halted on row 3 alone. Row 2's span (4, 5) is
  // halted on row 5 alone; the entry on row 3 is missing. Row 3's span (5, 6) is halted whole.
  const std::vector<double> close{100, kNaN, 100, kNaN, 120, kNaN, kNaN, 100};
  expect_labels(labels(close, close, {0.10, 2, GainLabel::Touch::kClose}),
                {kNaN, 1, kNaN, kNaN, kNaN, kNaN, kNaN, kNaN});
}

TEST(GainLabel, DependsOnItsSpanAlone) {
  Random random(8);
  for (int trial = 0; trial < 50; ++trial) {
    std::vector<double> close(30);
    for (auto& price : close) price = random.below(10) == 0 ? kNaN : 100.0 * std::exp(0.08 * random.normal());
    const GainLabel spec{0.05, 1 + static_cast<int>(random.below(4)), GainLabel::Touch::kClose};
    const auto whole = labels(close, close, spec);
    const std::size_t row = random.below(20);
    auto changed = close;
    for (std::size_t i = 0; i < changed.size(); ++i) {
      if (i <= row || i > row + static_cast<std::size_t>(label_span_rows(spec)))
        changed[i] = 100.0 * random.uniform();
    }
    expect_labels({labels(changed, changed, spec)[row]}, {whole[row]});
  }
}

TEST(GainLabel, RefusesNonsense) {
  const std::vector<double> close{1, 2, 3};
  EXPECT_THROW(labels(close, close, {0.0, 3, GainLabel::Touch::kClose}), Error);
  EXPECT_THROW(labels(close, close, {0.1, 0, GainLabel::Touch::kClose}), Error);
}

}  // namespace
}  // namespace orrery::gain_label_test
