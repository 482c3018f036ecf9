#include "orrery/data/corporate_actions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"

namespace orrery::corporate_actions_test {
namespace {

ActionSeries from_adjusted(const std::vector<double>& close, const std::vector<double>& adj_close,
                           double rounding = 5e-7) {
  return find_actions({close, adj_close, {}, {}, rounding});
}

TEST(CorporateActions, ADividendIsTheStepOfTheRatio) {
  // 0.25 on a close of 50: Yahoo's multiplier before the day is 1 - 0.25 / 50 = 0.995.
  const auto found = from_adjusted({49, 50, 49.5}, {49 * 0.995, 50 * 0.995, 49.5});
  EXPECT_EQ(found.dividend, (std::vector<double>{0, 0, 0.25}));
  EXPECT_DOUBLE_EQ(found.factor[2], 1.0 / 0.995);
  EXPECT_EQ(found.dividends, 1u);
}

TEST(CorporateActions, SplitsAreRatiosOfSmallIntegers) {
  for (const double ratio : {2.0, 3.0, 1.5, 4.0 / 3.0, 7.0, 20.0, 0.1, 0.125, 0.6}) {
    const auto found = from_adjusted({100, 100 / ratio}, {100 / ratio, 100 / ratio});
    EXPECT_EQ(found.splits, 1u) << ratio;
    EXPECT_DOUBLE_EQ(found.split_ratio[1], ratio);
    EXPECT_DOUBLE_EQ(found.factor[1], ratio);
    EXPECT_EQ(found.dividends, 0u);
  }
}

// A spin-off (Fortive from Danaher, 2016: the ratio steps by 1.463) is worth cash of its size on that day.
TEST(CorporateActions, ALargeDistributionIsNoSplit) {
  const auto found = from_adjusted({100, 70}, {100 / 1.463274, 70});
  EXPECT_EQ(found.splits, 0u);
  EXPECT_NEAR(found.dividend[1], 100 * (1 - 1 / 1.463274), 1e-4);
}

TEST(CorporateActions, RoundingMakesNoDividends) {
  Random random(11);
  std::vector<double> close;
  std::vector<double> adj_close;
  for (int i = 0; i < 20'000; ++i) {
    const double price = 2.0 + 300.0 * random.uniform();
    close.push_back(static_cast<double>(static_cast<float>(std::round(price * 1e6) / 1e6)));
    adj_close.push_back(std::round(static_cast<double>(static_cast<float>(price * 0.731)) * 1e6) / 1e6);
  }
  const auto found = from_adjusted(close, adj_close);
  EXPECT_EQ(found.dividends + found.splits + found.unexplained, 0u);
  EXPECT_EQ(found.factor.back(), 1.0);
}

TEST(CorporateActions, PricesInCentsShowOnlyStepsAboveTheirRounding) {
  std::vector<double> close(60, 20.0);
  std::vector<double> adj_close(60, 19.6);
  for (std::size_t i = 1; i < 60; i += 2) adj_close[i] = 19.61;
  for (std::size_t i = 40; i < 60; ++i) adj_close[i] = 20.0;
  const auto found = from_adjusted(close, adj_close, 0.005);
  EXPECT_EQ(found.dividends, 1u);
  EXPECT_EQ(found.dividend[40], 0.4);
}

TEST(CorporateActions, AFallOfTheRatioIsFollowedButUnexplained) {
  const auto found = from_adjusted({50, 50}, {50, 49});
  EXPECT_EQ(found.unexplained, 1u);
  EXPECT_DOUBLE_EQ(found.factor[1], 0.98);
}

TEST(CorporateActions, GivenActionsStandWithoutAdjustedClose) {
  const std::vector<double> close = {100, 99, 50, 49};
  const std::vector<double> dividend = {5, 1, kNaN, 60};
  const std::vector<double> split = {2, 0, 2, 1};
  const auto found = find_actions({close, {}, dividend, split, 0.0});
  EXPECT_EQ(found.factor[0], 1.0) << "nothing happens before the first bar";
  EXPECT_DOUBLE_EQ(found.factor[1], 100.0 / 99.0);
  EXPECT_DOUBLE_EQ(found.factor[2], 200.0 / 99.0);
  EXPECT_EQ(found.unexplained, 1u) << "a dividend of 60 on a price of 50 can't be";
  EXPECT_EQ(found.factor[3], found.factor[2]);
}

TEST(CorporateActions, WithoutAnythingTheFactorIsOne) {
  const std::vector<double> close = {1, 2, 3};
  EXPECT_EQ(find_actions({close, {}, {}, {}, 0.0}).factor, (std::vector<double>{1, 1, 1}));
  EXPECT_TRUE(find_actions({}).factor.empty());
}

// Cutting the future leaves the past: element i depends on elements <= i.
TEST(CorporateActions, APrefixGivesThePrefix) {
  Random random(3);
  std::vector<double> close;
  std::vector<double> adj_close;
  double multiplier = 0.5;
  for (int i = 0; i < 400; ++i) {
    close.push_back(30.0 + random.uniform());
    if (i % 63 == 62) multiplier *= 1.0 + 0.01 * random.uniform();
    adj_close.push_back(std::round(close.back() * multiplier * 1e6) / 1e6);
  }
  const auto all = from_adjusted(close, adj_close);
  for (const std::size_t size : {1, 62, 63, 64, 250}) {
    const auto part =
        from_adjusted({close.begin(), close.begin() + static_cast<std::ptrdiff_t>(size)},
                      {adj_close.begin(), adj_close.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_TRUE(std::equal(part.factor.begin(), part.factor.end(), all.factor.begin())) << size;
    EXPECT_TRUE(std::equal(part.dividend.begin(), part.dividend.end(), all.dividend.begin())) << size;
  }
}

TEST(CorporateActions, RoundingIsReadOffTheDecimals) {
  EXPECT_EQ(rounding_of(std::vector<double>{40.610001, 40.5}), 0.5e-6);
  EXPECT_EQ(rounding_of(std::vector<double>{15.07, 15.0}), 0.5e-2);
  EXPECT_EQ(rounding_of(std::vector<double>{1.0 / 3.0}), 0.0);
}

}  // namespace
}  // namespace orrery::corporate_actions_test
