#include "orrery/portfolio/position_sizing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/portfolio/covariance.h"

namespace orrery::position_sizing_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Three names with returns of their own; A and B are of one sector.
class History final : public MarketView {
 public:
  History() {
    Random random(4);
    for (auto& name : returns) {
      for (double& value : name) value = random.normal() * 0.01 * static_cast<double>(1 + (&name - returns));
    }
  }
  void trailing_returns(std::uint32_t instrument, std::span<double> out) const override {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = returns[instrument][80 - out.size() + i];
  }
  std::string_view sector(std::uint32_t instrument) const override { return instrument < 2 ? "same" : ""; }
  double returns[3][80];
};

struct Session {
  History market;
  std::vector<std::string> symbols{"A", "B", "C"};
  std::vector<double> scores{1.0, 2.0, -1.0}, expected{0.001, 0.002, -0.001}, lower{-0.03, -0.05, -0.02},
      upper{0.04, 0.03, 0.01}, deviation{0.5, 0.25, 1.0};
  std::vector<std::uint8_t> tradable{1, 1, 1};

  std::vector<SizedWeight> size(const SizingSettings& settings, std::vector<double> wanted = {0.3, 0.4, -0.2},
                                bool deviations = false) const {
    std::vector<SizedWeight> weights;
    for (std::uint32_t i = 0; i < wanted.size(); ++i) weights.push_back({i, wanted[i], wanted[i], {}});
    StrategyInput input{0, Date{0}, symbols, scores, tradable, {}, {expected, lower, upper}, &market};
    if (deviations) input.uncertainty.deviation = deviation;
    make_sizer(settings)->size(input, weights);
    return weights;
  }
};

constexpr double kDeviations90 = 1.6448536269514722;  // scipy.stats.norm.ppf(0.95)

TEST(PositionSizing, KellyBetsReturnOverPredictiveVariance) {
  Session session;
  SizingSettings settings;
  settings.kelly = 0.05;
  settings.max_gross = settings.max_weight = 100.0;
  settings.max_sector = 100.0;
  const auto weights = session.size(settings);
  for (std::size_t i = 0; i < 3; ++i) {
    const double deviation = (session.upper[i] - session.lower[i]) / (2.0 * kDeviations90);
    EXPECT_NEAR(weights[i].weight, 0.05 * session.expected[i] / (deviation * deviation), 1e-12);
    EXPECT_EQ(weights[i].reason, "sized by Kelly");
  }
}

TEST(PositionSizing, KellyShrinksWhatTheModelDoubts) {
  Session session;
  SizingSettings settings;
  settings.kelly = 0.05;
  settings.max_gross = settings.max_weight = settings.max_sector = 100.0;
  const auto sure = session.size(settings), doubtful = session.size(settings, {0.3, 0.4, -0.2}, true);
  // Expected returns on scores: points (1, 0.001), (2, 0.002), (-1, -0.001) lie on a line of slope 0.001.
  for (std::size_t i = 0; i < 3; ++i) {
    const double doubt = 0.001 * session.deviation[i], m = session.expected[i];
    EXPECT_NEAR(doubtful[i].weight / sure[i].weight, m * m / (m * m + doubt * doubt), 1e-12);
  }
}

TEST(PositionSizing, KellyBetsNothingWithoutAnIntervalOrAgainstTheSide) {
  Session session;
  session.upper[0] = std::numeric_limits<double>::infinity();
  session.expected[1] = -0.001;
  session.lower[2] = kNone;
  SizingSettings settings;
  settings.kelly = 1.0;
  for (const SizedWeight& weight : session.size(settings)) EXPECT_EQ(weight.weight, 0.0);
}

TEST(PositionSizing, ConfidenceIsOverTheMeanOfTheWanted) {
  Session session;
  SizingSettings settings;
  settings.confidence = SizeConfidence::kWidth;
  settings.max_gross = 100.0;
  const double a = 1 / 0.07, b = 1 / 0.08, c = 1 / 0.03, mean = (a + b + c) / 3.0;
  const auto weights = session.size(settings);
  EXPECT_NEAR(weights[0].weight, 0.3 * a / mean, 1e-12);
  EXPECT_NEAR(weights[1].weight, 0.4 * b / mean, 1e-12);
  EXPECT_NEAR(weights[2].weight, -0.2 * c / mean, 1e-12);
  settings.confidence = SizeConfidence::kDeviation;
  const double total = (1 / 0.5 + 1 / 0.25 + 1.0) / 3.0;
  EXPECT_NEAR(session.size(settings, {0.1, 0.1, -0.1}, true)[1].weight, 0.1 * 4.0 / total, 1e-12);
  settings.confidence = SizeConfidence::kScore;  // of 1, 2, -1: mean 2/3, deviation sqrt(7/3)
  const double far = (1.0 / 3.0 + 4.0 / 3.0 + 5.0 / 3.0) / 3.0;
  EXPECT_NEAR(session.size(settings)[0].weight, 0.3 * (1.0 / 3.0) / far, 1e-12);
  session.upper[0] = kNone;
  settings.confidence = SizeConfidence::kWidth;
  EXPECT_EQ(session.size(settings)[0].weight, 0.3);
}

double deviation_of(const double* values, std::size_t count) {
  double mean = 0.0, squares = 0.0;
  for (std::size_t i = 0; i < count; ++i) mean += values[i] / static_cast<double>(count);
  for (std::size_t i = 0; i < count; ++i) squares += (values[i] - mean) * (values[i] - mean);
  return std::sqrt(squares / static_cast<double>(count - 1));
}

TEST(PositionSizing, VolatilityMovesWeightsTowardsTheCalm) {
  Session session;
  SizingSettings settings;
  settings.volatility = 0.2;
  settings.max_gross = 100.0;
  const auto weights = session.size(settings);
  const double wanted[] = {0.3, 0.4, -0.2};
  for (std::size_t i = 0; i < 3; ++i) {
    const double own = std::sqrt(252.0) * deviation_of(session.market.returns[i] + 20, 60);
    EXPECT_NEAR(weights[i].weight, wanted[i] * std::min(0.2 / own, 2.0), 1e-12);
  }
}

TEST(PositionSizing, ThePortfolioMeetsItsTarget) {
  Session session;
  SizingSettings settings;
  settings.target_volatility = 0.1;
  settings.max_gross = 100.0;
  const auto weights = session.size(settings);
  ReturnTable table{60, 3, std::vector<double>(180)};
  for (std::size_t t = 0; t < 60; ++t) {
    for (std::size_t i = 0; i < 3; ++i) table.values[t * 3 + i] = session.market.returns[i][20 + t];
  }
  const std::vector<double> held = {weights[0].weight, weights[1].weight, weights[2].weight};
  EXPECT_NEAR(std::sqrt(252.0 * estimate_covariance(table, {}).variance(held)), 0.1, 1e-12);
  EXPECT_NEAR(held[0] / held[1], 0.75, 1e-12);
}

TEST(PositionSizing, LimitsHoldAfterWhateverSizes) {
  Random random(8);
  Session session;
  for (int trial = 0; trial < 200; ++trial) {
    SizingSettings settings;
    settings.max_weight = 0.1 + 0.5 * random.uniform();
    settings.max_sector = 0.2 + 0.5 * random.uniform();
    settings.max_gross = 0.3 + random.uniform();
    if (random.uniform() < 0.5) settings.kelly = 0.1;
    if (random.uniform() < 0.5) settings.target_volatility = 1.0;
    if (random.uniform() < 0.5) settings.confidence = SizeConfidence::kWidth;
    double gross = 0.0, sector = 0.0;
    for (const SizedWeight& weight : session.size(settings)) {
      EXPECT_LE(std::abs(weight.weight), settings.max_weight + 1e-15);
      EXPECT_GE(weight.weight * weight.wanted, 0.0);
      gross += std::abs(weight.weight);
      if (weight.instrument < 2) sector += std::abs(weight.weight);
    }
    EXPECT_LE(gross, settings.max_gross + 1e-12);
    EXPECT_LE(sector, settings.max_sector + 1e-12);
  }
  SizingSettings tight;
  tight.max_weight = 0.25;
  EXPECT_EQ(session.size(tight)[0].reason, "held to a limit");
}

TEST(PositionSizing, RefusesWhatCantBe) {
  SizingSettings settings;
  settings.kelly = 0.0;
  EXPECT_THROW(make_sizer(settings), Error);
  settings = {};
  settings.target_volatility = kNone;
  EXPECT_THROW(make_sizer(settings), Error);
  EXPECT_THROW(parse_size_confidence("sure"), Error);
}

}  // namespace
}  // namespace orrery::position_sizing_test
