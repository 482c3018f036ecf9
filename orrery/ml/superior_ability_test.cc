#include "orrery/ml/superior_ability.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdint>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::superior_ability_test {
namespace {

constexpr std::size_t kPeriods = 300;
constexpr std::size_t kTrials = 8;

/// The series of superior_ability_oracle.py.
Panel oracle_excess(double shift) {
  Panel panel(kPeriods, kTrials);
  for (std::size_t k = 0; k < kTrials; ++k) {
    double center = 0.0;
    for (std::size_t t = 0; t < kPeriods; ++t) {
      panel(t, k) = static_cast<double>((t * t * 7919 + k * 104729 + t * k * 31) % 1009) / 1009 - 0.5;
      center += panel(t, k) / static_cast<double>(kPeriods);
    }
    for (std::size_t t = 0; t < kPeriods; ++t)
      panel(t, k) = (panel(t, k) - center) * static_cast<double>(1 + k) / 4.0 +
                    shift * (static_cast<double>(k) - 4.0) / 100.0;
  }
  return panel;
}

/// p-values in the order lower, consistent, upper: arch's SPA of the means as they are, and Hansen's in
/// numpy; both from superior_ability_oracle.py.
struct Golden {
  double shift, block_length;
  std::array<double, 3> means, studentised;
};
constexpr std::array<Golden, 3> kGolden = {{
    {0.5, 4, {0.779775, 0.823975, 0.823975}, {0.866675, 0.946775, 0.962475}},
    {1.5, 4, {0.190025, 0.19155, 0.191575}, {0.3222, 0.3755, 0.528675}},
    {2.0, 9, {0.057425, 0.057425, 0.057425}, {0.151475, 0.1834, 0.27735}},
}};

/// Both sides draw 40 000 times: p varies by sqrt(p (1 - p) / 40 000) on each, four of which are allowed, and
/// one draw more or less.
void expect_near(double found, double golden) {
  EXPECT_NEAR(found, golden, 4.0 * std::sqrt(2.0 * golden * (1.0 - golden) / 40000.0) + 1.0 / 40000.0);
}

TEST(SuperiorAbility, AgreesWithArchAndHansenWithinMonteCarloError) {
  for (const auto& golden : kGolden) {
    const BlockBootstrapOptions options{golden.block_length, 40000, 7};
    const auto means = test_superior_means(oracle_excess(golden.shift), options);
    expect_near(means.spa_lower, golden.means[0]);
    expect_near(means.spa, golden.means[1]);
    expect_near(means.spa_upper, golden.means[2]);
    EXPECT_EQ(means.reality_check, means.spa_upper);
    const auto hansen = test_superior_ability(oracle_excess(golden.shift), options);
    expect_near(hansen.spa_lower, golden.studentised[0]);
    expect_near(hansen.spa, golden.studentised[1]);
    expect_near(hansen.spa_upper, golden.studentised[2]);
    EXPECT_EQ(hansen.reality_check, means.reality_check);
    EXPECT_EQ(hansen.best, 7u);
    EXPECT_NEAR(hansen.best_mean, golden.shift * 0.03, 1e-12);
  }
}

/// Of 200 markets in which none of 20 independent trials is better than the benchmark, about one in twenty is
/// told as significant at 5 %: at most 22 of them, four deviations of the binomial above its mean of 10 (the
/// test may be careful, so that there is no lower bound).
TEST(SuperiorAbility, FindsNothingWhereThereIsNothing) {
  int significant = 0;
  for (std::uint64_t market = 0; market < 200; ++market) {
    Random random(market);
    Panel panel(250, 20);
    for (std::size_t t = 0; t < panel.rows(); ++t) {
      for (std::size_t k = 0; k < panel.columns(); ++k) panel(t, k) = random.normal();
    }
    significant += test_superior_ability(panel, {1.0, 300, market}).spa < 0.05 ? 1 : 0;
  }
  EXPECT_LE(significant, 22);
}

TEST(SuperiorAbility, IsNotPutOffByHopelessTrials) {
  Random random(3);
  Panel panel(250, 41);
  for (std::size_t t = 0; t < panel.rows(); ++t) {
    for (std::size_t k = 0; k < panel.columns(); ++k) panel(t, k) = random.normal() - (k == 0 ? -0.2 : 4.0);
  }
  const auto found = test_superior_ability(panel, {1.0, 2000, 7});
  EXPECT_LT(found.spa, 0.02);
  EXPECT_GT(found.spa_upper, found.spa);
  EXPECT_EQ(found.best, 0u);
}

TEST(SuperiorAbility, HasNoAnswerWithoutTrialsThatVary) {
  EXPECT_TRUE(std::isnan(test_superior_ability(Panel(100, 0), {}).spa));
  EXPECT_TRUE(std::isnan(test_superior_ability(Panel(100, 2, 0.0), {}).reality_check));
  Panel missing(10, 1, 0.5);
  missing(3, 0) = Panel::missing();
  EXPECT_THROW(test_superior_ability(missing, {}), Error);
  EXPECT_THROW(test_superior_ability(Panel(100, 2, 0.0), {0.5, 10, 7}), Error);
}

TEST(SuperiorAbility, IsNoneWhereEveryTrialIsWorseThanTheBenchmark) {
  Random random(5);
  Panel excess(300, 2);
  for (std::size_t row = 0; row < excess.rows(); ++row) {
    excess(row, 0) = 0.01 * random.normal() - 0.02;  // set aside
    excess(row, 1) = 0.01 * random.normal() - 0.0015;
  }
  BlockBootstrapOptions options;
  options.draws = 200;
  const auto found = test_superior_ability(excess, options);
  EXPECT_EQ(found.reality_check, 1.0);
  EXPECT_EQ(found.spa_lower, 1.0);
  EXPECT_EQ(found.spa, 1.0);
  EXPECT_EQ(found.spa_upper, 1.0);
}

}  // namespace
}  // namespace orrery::superior_ability_test
