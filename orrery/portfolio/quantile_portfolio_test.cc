#include "orrery/portfolio/quantile_portfolio.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery::quantile_portfolio_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr double kEndless = std::numeric_limits<double>::infinity();

const std::vector<RankedName> kNames = {{9.0, 2}, {8.0, 0}, {7.0, 3}};

TEST(SideShares, GoByOneOverTheWidthOfTheInterval) {
  // By instrument; the widths of the three names are 1, 2 and 4.
  const std::vector<double> lower{-1.0, -5.0, -0.25, -2.0}, upper{1.0, 5.0, 0.75, 2.0};
  const auto shares = side_shares(SideWeights::kInverseWidth, kNames, {{}, lower, upper});
  EXPECT_DOUBLE_EQ(shares[0], 4.0 / 7.0);
  EXPECT_DOUBLE_EQ(shares[1], 2.0 / 7.0);
  EXPECT_DOUBLE_EQ(shares[2], 1.0 / 7.0);
}

TEST(SideShares, GoByOneOverTheDeviationOfTheScore) {
  const std::vector<double> deviation{0.2, kNone, 0.1, 0.0};
  const auto shares = side_shares(SideWeights::kInverseDeviation, kNames, {{}, {}, {}, deviation});
  EXPECT_DOUBLE_EQ(shares[0], 10.0 / 22.5);
  EXPECT_DOUBLE_EQ(shares[1], 5.0 / 22.5);
  EXPECT_DOUBLE_EQ(shares[2], 7.5 / 22.5);
  for (const double share : side_shares(SideWeights::kInverseDeviation, kNames, {{}, deviation, deviation}))
    EXPECT_EQ(share, 1.0 / 3.0);
}

/// A deviation of nothing but rounding is no reason to hold one name alone.
TEST(SideShares, GiveNobodyMoreThanTenTimesTheMedian) {
  const std::vector<double> deviation{1.0, kNone, 1e-17, 1.0};
  const auto shares = side_shares(SideWeights::kInverseDeviation, kNames, {{}, {}, {}, deviation});
  EXPECT_DOUBLE_EQ(shares[0], 10.0 / 12.0);
  EXPECT_DOUBLE_EQ(shares[1], 1.0 / 12.0);
  EXPECT_DOUBLE_EQ(shares[2], 1.0 / 12.0);
}

TEST(SideShares, ANameOfUnknownWidthGetsTheMeanShareOfTheOthers) {
  const std::vector<double> lower{-1.0, 0.0, kNone, -2.0}, upper{1.0, 0.0, kNone, 2.0};
  const auto shares = side_shares(SideWeights::kInverseWidth, kNames, {{}, lower, upper});
  EXPECT_DOUBLE_EQ(shares[0], 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(shares[1], 4.0 / 9.0);
  EXPECT_DOUBLE_EQ(shares[2], 2.0 / 9.0);
}

TEST(SideShares, AreEqualWhereNothingIsKnown) {
  const std::vector<double> endless(4, kEndless), below(4, -kEndless), missing(4, kNone), same(4, 1.0);
  const std::vector<ScoreUncertainty> unknown = {
      {}, {missing, missing, missing}, {same, below, endless}, {same, same, same}};
  for (const auto& uncertainty : unknown) {
    for (const double share : side_shares(SideWeights::kInverseWidth, kNames, uncertainty))
      EXPECT_EQ(share, 1.0 / 3.0);
  }
}

TEST(QuantilePortfolio, GivesBothSidesTheirWholeWeightByConfidence) {
  QuantilePortfolio portfolio({0.5, 1, 0.6, 0.4, SideWeights::kInverseWidth});
  ASSERT_TRUE(portfolio.reads_uncertainty());
  EXPECT_FALSE(QuantilePortfolio({}).reads_uncertainty());
  EXPECT_FALSE(portfolio.needs_deviations());
  EXPECT_TRUE(QuantilePortfolio({.weights = SideWeights::kInverseDeviation}).needs_deviations());
  const std::vector<std::string> symbols{"A", "B", "C", "D"};
  const std::vector<double> scores{4.0, 3.0, 2.0, 1.0};
  const std::vector<std::uint8_t> tradable(4, 1);
  const std::vector<double> lower{-1.0, -3.0, -1.0, -1.0}, upper{1.0, 3.0, 1.0, 1.0};
  Decision decision;
  portfolio.decide({0, Date{0}, symbols, scores, tradable, {}, {{}, lower, upper}}, decision);
  ASSERT_EQ(decision.targets.size(), 4u);
  EXPECT_DOUBLE_EQ(decision.targets[0].weight, 0.45);
  EXPECT_DOUBLE_EQ(decision.targets[1].weight, 0.15);
  EXPECT_DOUBLE_EQ(decision.targets[2].weight, -0.2);
  EXPECT_DOUBLE_EQ(decision.targets[3].weight, -0.2);
}

TEST(SideWeights, AreReadByTheirNames) {
  EXPECT_EQ(parse_side_weights("equal"), SideWeights::kEqual);
  EXPECT_EQ(parse_side_weights("inverse_width"), SideWeights::kInverseWidth);
  EXPECT_EQ(parse_side_weights("inverse_deviation"), SideWeights::kInverseDeviation);
  EXPECT_THROW(parse_side_weights("width"), Error);
}

}  // namespace
}  // namespace orrery::quantile_portfolio_test
