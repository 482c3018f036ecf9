#include "orrery/ml/session_correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace orrery::session_correlation_test {
namespace {

/// In numbers as well as in floats: all of these are numbers that a float holds.
double both(const std::vector<double>& scores, const std::vector<double>& labels,
            const std::vector<std::size_t>& groups) {
  const double value = mean_correlation(scores, labels, groups);
  const double of_floats = mean_correlation(std::vector<float>(scores.begin(), scores.end()), labels, groups);
  EXPECT_TRUE(value == of_floats || (std::isnan(value) && std::isnan(of_floats)));
  return value;
}

TEST(MeanCorrelation, IsTheMeanOfSessionsThatHaveOne) {
  // Of 1 2 3 10 with 1 2 3 4: 14 / √(5 × 50); then opposite, alike scores, alike labels, one sample, none.
  const std::vector<double> scores = {1, 2, 3, 10, 3, 2, 1, 5, 5, 1, 2, 7};
  const std::vector<double> labels = {1, 2, 3, 4, 1, 2, 3, 1, 2, 6, 6, 1};
  EXPECT_DOUBLE_EQ(both(scores, labels, {0, 4, 7, 9, 11, 12, 12}), (14.0 / std::sqrt(250.0) - 1.0) / 2.0);
}

TEST(MeanCorrelation, IsMissingWhereNoSessionHasOne) {
  EXPECT_TRUE(std::isnan(both({5, 5, 1}, {1, 2, 3}, {0, 2, 3})));
  EXPECT_TRUE(std::isnan(both({1, 2}, {1, std::nan("")}, {0, 2})));
  EXPECT_TRUE(std::isnan(both({}, {}, {0})));
}

/// The mean of 47 times 0.1 is another number, and 47 labels would correlate with its rounding.
TEST(MeanCorrelation, TellsConstantsByTheirValues) {
  std::vector<double> labels;
  for (int i = 0; i < 47; ++i) labels.push_back(i);
  const std::vector<std::size_t> groups = {0, 47};
  EXPECT_TRUE(std::isnan(mean_correlation(std::vector<double>(47, 0.1), labels, groups)));
  EXPECT_TRUE(std::isnan(mean_correlation(std::vector<float>(47, 0.1F), labels, groups)));
}

}  // namespace
}  // namespace orrery::session_correlation_test
