// What every optimizer promises, checked on every registered one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "plugins/optimizers/registry.h"
#include "testing/optimizer_cases.h"

namespace orrery::optimizer_conformance_test {
namespace {

constexpr double kHolds = 1e-8;
constexpr std::size_t kNames = 15, kPeriods = 80;

const OptimizerRegistry& registry() {
  static const OptimizerRegistry optimizers = [] {
    OptimizerRegistry made("optimizer");
    plugins::optimizers::register_all(made);
    return made;
  }();
  return optimizers;
}

PortfolioProblem random_problem(std::uint64_t seed) {
  Random random(seed);
  PortfolioProblem problem;
  problem.returns = {kPeriods, kNames, {}};
  for (std::size_t period = 0; period < kPeriods; ++period) {
    const double market = 0.01 * random.normal();
    for (std::size_t i = 0; i < kNames; ++i) {
      const double own = 0.004 + 0.001 * static_cast<double>(i);
      problem.returns.values.push_back(0.001 + market * (0.5 + 0.05 * static_cast<double>(i)) +
                                       own * random.normal());
    }
  }
  problem.risk = RiskModel::dense(testing::sample_covariance_of(problem.returns));
  for (std::size_t i = 0; i < kNames; ++i) {
    problem.names.push_back(fmt::format("S{:02}", i));
    problem.expected_returns.push_back(0.001 + 0.0005 * random.normal());
    problem.benchmark.push_back(1.0 / static_cast<double>(kNames));
  }
  problem.constraints.lower.assign(kNames, 0.0);
  problem.constraints.upper.assign(kNames, 1.0);
  return problem;
}

void add_limits(PortfolioProblem& problem) {
  auto& constraints = problem.constraints;
  constraints.upper.assign(kNames, 0.2);
  problem.current.assign(kNames, 1.0 / static_cast<double>(kNames));
  constraints.turnover = 0.5;
  for (std::size_t sector = 0; sector < 4; ++sector) {
    ExposureLimit limit{fmt::format("sector {}", sector), std::vector<double>(kNames, 0.0)};
    for (std::size_t i = sector; i < kNames; i += 4) limit.loadings[i] = 1.0;
    limit.high = 0.3;
    constraints.exposures.push_back(limit);
  }
}

/// Moves the name at place i to place (7 i) mod 15.
std::size_t moved(std::size_t name) { return 7 * name % kNames; }

std::vector<double> moved(const std::vector<double>& values) {
  std::vector<double> result(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) result[moved(i)] = values[i];
  return result;
}

class EveryOptimizer : public ::testing::TestWithParam<std::string> {
 protected:
  const OptimizerEntry& entry() const { return registry().get(GetParam()); }
  OptimizedPortfolio optimize(const PortfolioProblem& problem, const ParameterMap& parameters = {}) const {
    return optimize_portfolio(registry(), GetParam(), parameters, problem);
  }
};

TEST_P(EveryOptimizer, SaysWhatItIs) {
  EXPECT_FALSE(entry().info.summary.empty());
  EXPECT_FALSE(entry().info.source.empty());
  for (const auto& parameter : entry().info.parameters) EXPECT_FALSE(parameter.summary.empty());
  EXPECT_THROW(optimize(random_problem(1), {{"no_such_parameter", 1.0}}), Error);
}

TEST_P(EveryOptimizer, AllConstraintsHold) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    PortfolioProblem problem = random_problem(seed);
    add_limits(problem);
    const auto weights = optimize(problem).weights;
    ASSERT_EQ(weights.size(), kNames);
    double sum = 0.0, traded = 0.0;
    for (std::size_t i = 0; i < kNames; ++i) {
      ASSERT_GE(weights[i], -kHolds);
      ASSERT_LE(weights[i], 0.2 + kHolds);
      sum += weights[i];
      traded += 0.5 * std::abs(weights[i] - problem.current[i]);
    }
    EXPECT_NEAR(sum, 1.0, kHolds);
    EXPECT_LE(traded, 0.5 + kHolds);
    for (const auto& limit : problem.constraints.exposures) {
      EXPECT_LE(std::inner_product(weights.begin(), weights.end(), limit.loadings.begin(), 0.0),
                0.3 + kHolds);
    }
  }
}

TEST_P(EveryOptimizer, FewNamesAndNoSmallTradesWhereAskedFor) {
  PortfolioProblem problem = random_problem(3);
  problem.constraints.max_names = 5;
  const auto few = optimize(problem).weights;
  EXPECT_LE(std::count_if(few.begin(), few.end(), [](double weight) { return weight > 1e-6; }), 5);
  EXPECT_NEAR(std::accumulate(few.begin(), few.end(), 0.0), 1.0, kHolds);
}

PortfolioProblem renamed(const PortfolioProblem& problem) {
  PortfolioProblem other = problem;
  other.expected_returns = moved(problem.expected_returns);
  other.benchmark = moved(problem.benchmark);
  SquareMatrix covariance(kNames);
  for (std::size_t i = 0; i < kNames; ++i) {
    for (std::size_t j = 0; j < kNames; ++j) covariance(moved(i), moved(j)) = problem.risk.covariance(i, j);
    for (std::size_t period = 0; period < kPeriods; ++period) {
      other.returns.values[period * kNames + moved(i)] = problem.returns(period, i);
    }
  }
  other.risk = RiskModel::dense(covariance);
  return other;
}

TEST_P(EveryOptimizer, RenamingTheNamesMovesTheWeightsAlongOrItSaysThatItDoesNot) {
  double farthest = 0.0;
  for (std::uint64_t seed = 4; seed < 12; ++seed) {
    const PortfolioProblem problem = random_problem(seed);
    const auto weights = moved(optimize(problem).weights), others = optimize(renamed(problem)).weights;
    for (std::size_t i = 0; i < kNames; ++i) farthest = std::max(farthest, std::abs(weights[i] - others[i]));
  }
  if (entry().info.order_matters) {
    EXPECT_GT(farthest, 1e-6);
  } else {
    EXPECT_LE(farthest, 1e-6);
  }
}

TEST_P(EveryOptimizer, TheSameQuestionHasTheSameAnswer) {
  const PortfolioProblem problem = random_problem(5);
  EXPECT_EQ(optimize(problem).weights, optimize(problem).weights);
}

TEST_P(EveryOptimizer, ARiskModelByFactorsIsItsCovariance) {
  PortfolioProblem problem = random_problem(6);
  std::vector<double> loadings, specific;
  for (std::size_t i = 0; i < kNames; ++i) {
    loadings.push_back(0.5 + 0.05 * static_cast<double>(i));
    specific.push_back(1e-5 * (2.0 + static_cast<double>(i)));
  }
  SquareMatrix market(1);
  market(0, 0) = 1e-4;
  problem.risk = RiskModel::factors(loadings, market, specific);
  PortfolioProblem dense = problem;
  dense.risk = RiskModel::dense(problem.risk.full());
  const auto by_factors = optimize(problem).weights, whole = optimize(dense).weights;
  for (std::size_t i = 0; i < kNames; ++i) EXPECT_NEAR(by_factors[i], whole[i], 1e-7);
}

TEST_P(EveryOptimizer, ConstraintsThatContradictAreNamed) {
  PortfolioProblem problem = random_problem(7);
  problem.constraints.upper.assign(kNames, 0.05);  // 15 names reach 0.75
  try {
    optimize(problem);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("the weights add up to 1; every weight <= 0.05 (15 names)"),
              std::string::npos)
        << error.what();
  }
}

TEST_P(EveryOptimizer, WhatItNeedsIsAskedFor) {
  const auto refuses = [this](bool needed, const PortfolioProblem& problem) {
    if (needed) {
      EXPECT_THROW(optimize(problem), Error);
    } else {
      EXPECT_NO_THROW(optimize(problem));
    }
  };
  PortfolioProblem problem = random_problem(8);
  problem.expected_returns.clear();
  refuses(entry().info.needs_expected_returns, problem);
  problem = random_problem(8);
  problem.returns = {};
  refuses(entry().info.needs_returns, problem);
  problem = random_problem(8);
  problem.benchmark.clear();
  refuses(entry().info.needs_benchmark, problem);
  problem = random_problem(8);
  problem.risk.covariance(2, 2) = std::nan("");
  EXPECT_THROW(optimize(problem), Error);
}

INSTANTIATE_TEST_SUITE_P(Optimizers, EveryOptimizer, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace orrery::optimizer_conformance_test
