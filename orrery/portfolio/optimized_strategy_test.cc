#include "orrery/portfolio/optimized_strategy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/portfolio/frontier.h"

namespace orrery::optimized_strategy_test {
namespace {

constexpr std::size_t kNames = 24, kHistory = 80;
constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

/// Names whose returns are a market and their own; those of 1 are those of 0, and 23 has none yet.
class FakeMarket final : public MarketView {
 public:
  FakeMarket() : returns_(kNames, std::vector<double>(kHistory)) {
    Random random(11);
    for (std::size_t session = 0; session < kHistory; ++session) {
      const double market = 0.008 * random.normal();
      for (std::size_t i = 0; i < kNames; ++i) returns_[i][session] = market + 0.012 * random.normal();
    }
    returns_[1] = returns_[0];
    returns_[23].assign(kHistory, kMissing);
  }
  void trailing_returns(std::uint32_t instrument, std::span<double> returns) const override {
    const auto& all = returns_[instrument];
    std::copy(all.end() - static_cast<std::ptrdiff_t>(returns.size()), all.end(), returns.begin());
  }
  std::string_view sector(std::uint32_t instrument) const override {
    return instrument % 3 == 0 ? "A" : instrument % 3 == 1 ? "B" : "";
  }

 private:
  std::vector<std::vector<double>> returns_;
};

class Utility final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    return {frontier_point(problem, problem.expected_returns, 1.0).weights, {}};
  }
};

/// Has no answer, as a target that can't be reached.
class Unreachable final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem&) const override {
    throw user_error(ErrorCode::kInvalidArgument, "out of reach");
  }
};

OptimizedStrategy::Settings small_settings() {
  OptimizedStrategy::Settings settings;
  settings.candidates = 12;
  settings.window = 60;
  settings.correlation_window = 40;
  settings.every = 1;
  settings.min_names = 5;
  settings.skill = 0.1;
  return settings;
}

/// Scores fall with the instrument, so that the best is 0.
struct World {
  World() {
    for (std::size_t i = 0; i < kNames; ++i) {
      symbols.push_back(fmt::format("S{:02}", i));
      scores.push_back(1.0 - 0.05 * static_cast<double>(i));
    }
  }
  Decision decide(OptimizedStrategy& strategy) const {
    Decision decision;
    StrategyInput input;
    input.symbols = symbols;
    input.scores = scores;
    input.tradable = tradable;
    input.holdings = holdings;
    input.market = &market;
    strategy.decide(input, decision);
    return decision;
  }

  FakeMarket market;
  std::vector<std::string> symbols;
  std::vector<double> scores;
  std::vector<std::uint8_t> tradable = std::vector<std::uint8_t>(kNames, 1);
  std::vector<Holding> holdings;
};

std::map<std::uint32_t, double> weights_of(const Decision& decision) {
  std::map<std::uint32_t, double> weights;
  for (const Target& target : decision.targets) weights[target.instrument] = target.weight;
  return weights;
}

OptimizedStrategy make_strategy_of(const OptimizedStrategy::Settings& settings) {
  return {settings, std::make_unique<Utility>(), OptimizerInfo{}};
}

TEST(OptimizedStrategy, LimitsOfNamesSectorsAndTurnoverHold) {
  World world;
  auto strategy = make_strategy_of(small_settings());
  for (int session = 0; session < 6; ++session) {
    const Decision decision = world.decide(strategy);
    ASSERT_TRUE(decision.rebalance);
    std::map<std::string_view, double> sectors;
    double sum = 0.0, traded = 0.0;
    auto weights = weights_of(decision);
    for (const auto& [instrument, weight] : weights) {
      EXPECT_LE(weight, 0.2 + 1e-9);
      EXPECT_GE(weight, 0.0);
      sum += weight;
      if (const auto sector = world.market.sector(instrument); !sector.empty()) sectors[sector] += weight;
    }
    for (const auto& [sector, weight] : sectors) EXPECT_LE(weight, 0.3 + 1e-9);
    for (const Holding& held : world.holdings) weights[held.instrument] -= held.weight;
    for (const auto& [instrument, change] : weights) traded += 0.5 * std::abs(change);
    EXPECT_LE(traded, 0.5 + 1e-8);
    EXPECT_NEAR(sum, 0.95, 1e-7);
    world.holdings.clear();
    for (const auto& [instrument, weight] : weights_of(decision)) {
      if (weight > 0.0) world.holdings.push_back({instrument, weight, 1});
    }
    std::reverse(world.scores.begin(), world.scores.end());  // all that was best is worst
  }
}

/// Keeps the problem that it was asked, and holds everything alike.
class Witness final : public Optimizer {
 public:
  explicit Witness(PortfolioProblem& asked) : asked_(asked) {}
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    asked_ = problem;
    return {std::vector<double>(problem.names.size(), 0.05), {}};
  }

 private:
  PortfolioProblem& asked_;
};

TEST(OptimizedStrategy, AFundamentalCovarianceHasTheSectors) {
  World world;
  PortfolioProblem asked;
  auto settings = small_settings();
  settings.covariance.method = CovarianceMethod::kFundamental;
  OptimizedStrategy strategy{settings, std::make_unique<Witness>(asked), OptimizerInfo{}};
  world.decide(strategy);
  ASSERT_EQ(asked.names.size(), 12u);
  NameExposures exposures;
  for (const std::string& name : asked.names) {
    const auto place = static_cast<std::uint32_t>(std::stoi(name.substr(1)));
    exposures.sectors.emplace_back(world.market.sector(place));
  }
  const RiskModel expected = fundamental_covariance(asked.returns, exposures);
  EXPECT_EQ(asked.risk.factor_covariance.size, 6u) << "two sectors, the others, three styles";
  EXPECT_EQ(asked.risk.full().values, expected.full().values);
}

TEST(OptimizedStrategy, TooFewNamesForAFundamentalCovarianceGetAnother) {
  World world;
  PortfolioProblem asked;
  auto settings = small_settings();
  settings.covariance.method = CovarianceMethod::kFundamental;
  settings.candidates = 4;
  OptimizedStrategy strategy{settings, std::make_unique<Witness>(asked), OptimizerInfo{}};
  world.decide(strategy);
  ASSERT_EQ(asked.names.size(), 4u);
  EXPECT_EQ(asked.risk.full().values, estimate_covariance(asked.returns, {}).full().values);
}

TEST(OptimizedStrategy, ANameThatMovesLikeABetterOneIsPassedOver) {
  World world;
  auto strategy = make_strategy_of(small_settings());
  const auto weights = weights_of(world.decide(strategy));
  EXPECT_GT(weights.at(0), 0.0);
  EXPECT_FALSE(weights.contains(1));
  EXPECT_FALSE(weights.contains(23)) << "has no history";
}

TEST(OptimizedStrategy, TheLimitOfCorrelationsIsRelaxedWhereTooFewAreLeft) {
  World world;
  auto settings = small_settings();
  settings.max_correlation = -0.9;  // nobody is that unlike another
  auto strategy = make_strategy_of(settings);
  const Decision decision = world.decide(strategy);
  EXPECT_EQ(decision.targets.size(), 5u);
  for (const Target& target : decision.targets) {
    EXPECT_TRUE(target.weight == 0.0 || target.reason == "optimised, correlation limit relaxed")
        << target.reason;
  }
}

TEST(OptimizedStrategy, WhatCanNotBeTradedStaysAndItsPartIsNotSpentTwice) {
  World world;
  world.holdings = {{2, 0.4, 5}};
  world.tradable[2] = 0;
  auto strategy = make_strategy_of(small_settings());
  const Decision decision = world.decide(strategy);
  double sum = 0.0;
  for (const Target& target : decision.targets) {
    sum += target.weight;
    if (target.instrument != 2) continue;
    EXPECT_EQ(target.kind, TargetKind::kHold);
    EXPECT_EQ(target.weight, 0.4);
  }
  EXPECT_NEAR(sum, 0.95, 1e-7);
}

TEST(OptimizedStrategy, WhoLeavesMayTakeSeveralRebalances) {
  World world;
  world.holdings = {{20, 0.3, 5}, {21, 0.3, 5}, {22, 0.3, 5}};  // the worst scores
  auto settings = small_settings();
  settings.max_turnover = 0.2;
  auto strategy = make_strategy_of(settings);
  const auto decision = world.decide(strategy);
  double left = 0.0, traded = 0.0;
  for (const Target& target : decision.targets) {
    const bool old = target.instrument >= 20;
    if (old) left += target.weight;
    EXPECT_EQ(old && target.weight > 0.0, target.reason == "leaving, as the turnover limit allows");
    traded += 0.5 * std::abs(target.weight - (old ? 0.3 : 0.0));
  }
  EXPECT_GT(left, 0.5);
  EXPECT_LE(traded, 0.2 + 1e-8);
}

TEST(OptimizedStrategy, LessIsInvestedWhereTheLimitsLeaveNoRoom) {
  World world;
  auto settings = small_settings();
  settings.candidates = 3;  // 0 of sector A, 2 and 3 … at most a fifth each
  auto strategy = make_strategy_of(settings);
  const auto weights = weights_of(world.decide(strategy));
  double sum = 0.0;
  for (const auto& [instrument, weight] : weights) sum += weight;
  EXPECT_NEAR(sum, 0.2 + 0.3, 1e-6) << "2 has no sector; 0 and 3 share sector A's 0.3";
}

TEST(OptimizedStrategy, AnObjectiveOutOfReachLeavesTheLeastVolatility) {
  World world;
  OptimizedStrategy strategy(small_settings(), std::make_unique<Unreachable>(), OptimizerInfo{});
  const auto decision = world.decide(strategy);
  ASSERT_FALSE(decision.targets.empty());
  EXPECT_EQ(decision.targets.front().reason, "least volatility: nothing allowed meets the objective");
}

TEST(OptimizedStrategy, TheTargetVolatilityScalesEverythingDown) {
  World world;
  auto settings = small_settings();
  auto plain = make_strategy_of(settings);
  settings.target_volatility = 0.05;
  auto careful = make_strategy_of(settings);
  const auto all = weights_of(world.decide(plain)), less = weights_of(world.decide(careful));
  const double scale = less.at(0) / all.at(0);
  EXPECT_LT(scale, 0.8);
  for (const auto& [instrument, weight] : all) EXPECT_NEAR(less.at(instrument), scale * weight, 1e-12);
}

TEST(OptimizedStrategy, RebalancesEverySoManySessions) {
  World world;
  auto settings = small_settings();
  settings.every = 3;
  auto strategy = make_strategy_of(settings);
  std::string rebalances;
  for (int session = 0; session < 7; ++session) rebalances += world.decide(strategy).rebalance ? 'x' : '.';
  EXPECT_EQ(rebalances, "x..x..x");
}

}  // namespace
}  // namespace orrery::optimized_strategy_test
