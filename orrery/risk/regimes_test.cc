#include "orrery/risk/regimes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/risk/gaussian_hmm.h"

namespace orrery::regimes_test {
namespace {

constexpr double kYear = 252.0;

/// Three names that move together more or less; calm and wild times of 150 sessions take turns.
MarketData market_of(std::size_t rows, std::uint64_t seed = 5) {
  MarketData market;
  market.symbols = {"A", "B", "C"};
  Panel close(rows, 3);
  market.present = MaskPanel(rows, 3, 1);
  Random random(seed);
  double price[3] = {50.0, 80.0, 20.0};
  for (std::size_t row = 0; row < rows; ++row) {
    market.dates.push_back(Date{static_cast<int>(row)});
    const bool wild = (row / 150) % 2 == 1;
    const double common = (wild ? 0.02 : 0.004) * random.normal();
    for (std::size_t i = 0; i < 3; ++i) {
      price[i] *= 1.0 + common + 0.003 * random.normal();
      close(row, i) = price[i];
    }
  }
  market.fields.emplace("close", close);
  market.raw.emplace("close", close);
  return market;
}

MarketData cut(const MarketData& whole, std::size_t rows) {
  MarketData market = whole;
  market.dates.resize(rows);
  Panel close(rows, 3);
  market.present = MaskPanel(rows, 3, 1);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t i = 0; i < 3; ++i) {
      close(row, i) = whole.field("close")(row, i);
      market.present(row, i) = whole.present(row, i);
    }
  }
  market.fields.insert_or_assign("close", close);
  market.raw.insert_or_assign("close", close);
  return market;
}

RegimeSettings hmm() {
  RegimeSettings settings;
  settings.states = {{"calm", {}}, {"wild", {}}};
  settings.history = 250;
  settings.refit = 50;
  return settings;
}

RegimeSettings rules() {
  RegimeSettings settings;
  settings.method = RegimeMethod::kRules;
  RegimeCondition wild, falling;
  wild.input = RegimeInput::kVolatility;
  wild.above = 0.2;
  falling.input = RegimeInput::kTrend;
  falling.below = 0.0;
  settings.states = {{"panic", {wild, falling}}, {"wild", {wild}}, {"usual", {}}};
  settings.min_sessions = 1;
  return settings;
}

TEST(Regimes, InputsAreTheirDefinitions) {
  MarketData market = market_of(200);
  const std::size_t row = 150;
  RegimeSettings settings = rules();
  settings.correlation_window = 30;
  settings.states[0].when[0].input = RegimeInput::kCorrelation;
  const auto history = tell_regimes(settings, market, kYear);
  const Panel& close = market.field("close");
  const auto name_return = [&](std::size_t t, std::size_t i) { return close(t, i) / close(t - 1, i) - 1.0; };
  const auto market_return = [&](std::size_t t) {
    return (name_return(t, 0) + name_return(t, 1) + name_return(t, 2)) / 3.0;
  };
  EXPECT_NEAR(history.inputs(row, 0), market_return(row), 1e-15);
  double mean = 0.0, squares = 0.0, growth = 1.0;
  for (std::size_t t = row - 19; t <= row; ++t) mean += market_return(t) / 20.0;
  for (std::size_t t = row - 19; t <= row; ++t) squares += std::pow(market_return(t) - mean, 2.0);
  EXPECT_NEAR(history.inputs(row, 1), std::sqrt(kYear * squares / 19.0), 1e-13);
  for (std::size_t t = row - 99; t <= row; ++t) growth *= 1.0 + market_return(t);
  EXPECT_NEAR(history.inputs(row, 2), growth - 1.0, 1e-13);
  double together = 0.0;
  for (const auto& [a, b] : {std::pair<std::size_t, std::size_t>{0, 1}, {0, 2}, {1, 2}}) {
    double sum_a = 0, sum_b = 0, ab = 0, aa = 0, bb = 0;
    for (std::size_t t = row - 29; t <= row; ++t) {
      const double x = name_return(t, a), y = name_return(t, b);
      sum_a += x, sum_b += y, ab += x * y, aa += x * x, bb += y * y;
    }
    together +=
        (ab - sum_a * sum_b / 30) / std::sqrt((aa - sum_a * sum_a / 30) * (bb - sum_b * sum_b / 30)) / 3;
  }
  EXPECT_NEAR(history.inputs(row, 3), together, 1e-12);
}

TEST(Regimes, AWrongPriceOfOneNameDoesNotMoveTheMarket) {
  MarketData market;
  Panel close(40, 8);
  Random random(2);
  for (std::size_t i = 0; i < 8; ++i) market.symbols.push_back("N" + std::to_string(i));
  for (std::size_t row = 0; row < 40; ++row) {
    market.dates.push_back(Date{static_cast<int>(row)});
    for (std::size_t i = 0; i < 8; ++i) {
      close(row, i) = row == 0 ? 50.0 : close(row - 1, i) * (1.0 + 0.01 * random.normal());
    }
  }
  close(30, 3) = 1e6;
  market.present = MaskPanel(40, 8, 1);
  market.fields.emplace("close", close);
  market.raw.emplace("close", close);
  const auto history = tell_regimes(rules(), market, kYear);
  std::vector<double> returns;
  for (std::size_t i = 0; i < 8; ++i) returns.push_back(close(30, i) / close(29, i) - 1.0);
  std::sort(returns.begin(), returns.end());
  EXPECT_DOUBLE_EQ(history.inputs(30, 0), (returns[2] + returns[3] + returns[4] + returns[5]) / 4.0);
  EXPECT_LT(std::abs(history.inputs(31, 0)), 0.02);
}

TEST(Regimes, RulesTakeTheFirstThatHolds) {
  const MarketData market = market_of(400);
  const RegimeSettings settings = rules();
  const auto history = tell_regimes(settings, market, kYear);
  int seen[3] = {0, 0, 0};
  for (std::size_t row = 0; row < market.rows(); ++row) {
    const double volatility = history.inputs(row, 1), trend = history.inputs(row, 2);
    if (std::isnan(volatility) || std::isnan(trend)) {
      EXPECT_EQ(history.state[row], RegimeHistory::kUnknown);
      continue;
    }
    const int expected = volatility > 0.2 && trend < 0.0 ? 0 : volatility > 0.2 ? 1 : 2;
    EXPECT_EQ(history.state[row], expected) << row;
    ++seen[expected];
  }
  EXPECT_GT(seen[0] * seen[1] * seen[2], 0);
}

TEST(Regimes, AStateHasToLeadForSomeSessionsInARow) {
  const MarketData market = market_of(500);
  RegimeSettings settings = rules();
  const auto at_once = tell_regimes(settings, market, kYear);
  settings.min_sessions = 4;
  const auto later = tell_regimes(settings, market, kYear);
  int state = RegimeHistory::kUnknown, run = 0;
  for (std::size_t row = 0; row < market.rows(); ++row) {
    run = row > 0 && at_once.state[row] == at_once.state[row - 1] ? run + 1 : 1;
    if (at_once.state[row] != RegimeHistory::kUnknown && run >= 4) state = at_once.state[row];
    EXPECT_EQ(later.state[row], state) << row;
  }
  EXPECT_NE(at_once.state, later.state);
}

TEST(Regimes, AHiddenMarkovModelTellsCalmFromWild) {
  const MarketData market = market_of(1500);
  const auto history = tell_regimes(hmm(), market, kYear);
  int right = 0, told = 0;
  for (std::size_t row = 0; row < market.rows(); ++row) {
    if (history.state[row] == RegimeHistory::kUnknown) continue;
    ++told;
    if (history.state[row] == static_cast<int>((row / 150) % 2)) ++right;
  }
  EXPECT_GT(told, 1200);
  EXPECT_GT(right, told * 8 / 10);
  // The first fit is after 250 sessions with all inputs: returns begin on row 1, volatilities on row 20.
  ASSERT_FALSE(history.fits.empty());
  EXPECT_EQ(history.fits.front(), 20u + 250u - 1u);
  EXPECT_EQ(history.fits[1] - history.fits[0], 50u);
}

/// Probabilities are those of a model fitted on the past alone, run over the past alone.
TEST(Regimes, ProbabilitiesAreFilteredByAModelOfThePast) {
  const MarketData market = market_of(400);
  const RegimeSettings settings = hmm();
  const auto history = tell_regimes(settings, market, kYear);
  const std::size_t fitted = history.fits[0], asked = fitted + 30;
  std::vector<double> observations;
  for (std::size_t row = 20; row <= asked; ++row) {
    observations.push_back(history.inputs(row, 0));
    observations.push_back(std::log(history.inputs(row, 1)));
  }
  const std::size_t periods = fitted - 20 + 1;
  const ObservationTable past{periods, 2, std::span(observations).first(2 * periods)};
  const HmmFit fit = fit_hmm(past, {}, first_guess(past, 2));
  HmmFilter filter(fit.model);
  for (std::size_t period = 0; 2 * period < observations.size(); ++period) {
    filter.step(std::span(observations).subspan(2 * period, 2));
  }
  for (std::size_t state = 0; state < 2; ++state) {
    EXPECT_DOUBLE_EQ(history.probabilities(asked, state), filter.probabilities()[state]);
  }
}

TEST(Regimes, TheFutureChangesNothing) {
  const MarketData whole = market_of(700);
  for (const RegimeSettings& settings : {hmm(), rules()}) {
    const auto all = tell_regimes(settings, whole, kYear);
    for (const std::size_t rows : {271u, 333u, 699u}) {
      const auto past = tell_regimes(settings, cut(whole, rows), kYear);
      for (std::size_t row = 0; row < rows; ++row) {
        ASSERT_EQ(past.state[row], all.state[row]) << row;
        for (std::size_t state = 0; state < settings.states.size(); ++state) {
          const double here = past.probabilities(row, state), there = all.probabilities(row, state);
          ASSERT_TRUE(here == there || (std::isnan(here) && std::isnan(there))) << row;
        }
      }
    }
  }
}

TEST(Regimes, ASessionWithoutTheMarketKeepsTheState) {
  MarketData market = market_of(600);
  RegimeSettings settings = hmm();
  settings.of = "B";
  settings.inputs = {RegimeInput::kReturn};
  const auto before = tell_regimes(settings, market, kYear);
  market.present(500, 1) = 0;
  const auto after = tell_regimes(settings, market, kYear);
  EXPECT_TRUE(std::isnan(after.inputs(500, 0)));
  EXPECT_EQ(after.state[500], after.state[499]);
  EXPECT_DOUBLE_EQ(after.probabilities(500, 1), after.probabilities(499, 1));
  // The next return is from the last close that is known.
  const Panel& close = market.field("close");
  EXPECT_DOUBLE_EQ(after.inputs(501, 0), close(501, 1) / close(499, 1) - 1.0);
  EXPECT_EQ(before.state[499], after.state[499]);
}

std::string refusal(const RegimeSettings& settings) {
  try {
    check_regimes(settings);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Regimes, RefusesWhatCantBe) {
  RegimeSettings settings = hmm();
  settings.states.resize(1);
  EXPECT_NE(refusal(settings).find("2 to 4; found 1"), std::string::npos);
  settings = hmm();
  settings.inputs = {RegimeInput::kVolatility};
  EXPECT_NE(refusal(settings).find("the first must be return"), std::string::npos);
  settings = hmm();
  settings.history = 20;
  EXPECT_NE(refusal(settings).find("100; found 20"), std::string::npos);
  settings = hmm();
  settings.states[1].name = "calm";
  EXPECT_NE(refusal(settings).find("two are called calm"), std::string::npos);
  settings = rules();
  settings.states[2].when = settings.states[1].when;
  EXPECT_NE(refusal(settings).find("usual: the last one holds"), std::string::npos);
  settings = rules();
  settings.states[0].when.clear();
  EXPECT_NE(refusal(settings).find("panic: needs a `when`"), std::string::npos);
  settings = rules();
  settings.of = "AA";
  EXPECT_THROW(tell_regimes(settings, market_of(50), kYear), Error);
  EXPECT_THROW(parse_regime_input("vola"), Error);
}

}  // namespace
}  // namespace orrery::regimes_test
