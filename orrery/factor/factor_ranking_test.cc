#include "orrery/factor/factor_ranking.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::factor_ranking_test {
namespace {

FactorEvaluation with_t(const std::vector<double>& t) {
  FactorEvaluation evaluation;
  for (const double value : t) {
    FactorResult factor;
    factor.horizons.resize(evaluation.spec.horizons.size());
    factor.horizons[0].rank_ic.newey_west_t = value;
    evaluation.factors.push_back(factor);
  }
  evaluation.correlations = Panel(t.size(), t.size(), 0.1);
  return evaluation;
}

TEST(FactorRanking, CountsWhatChanceWouldGive) {
  const auto ranking = rank_factors(with_t({0.5, -4.0, std::nan(""), 2.0, 3.1}));
  EXPECT_EQ(ranking.order, (std::vector<std::size_t>{1, 4, 3, 0, 2}));
  EXPECT_EQ(ranking.tested, 4U);
  EXPECT_DOUBLE_EQ(ranking.expected_by_chance, 0.2);
  EXPECT_EQ(ranking.beyond_chance, 3U);
  EXPECT_EQ(ranking.beyond_hurdle, 2U);
  EXPECT_EQ(ranking.discoveries, 2U);  // p of 2.0 is 0.0455, its q 0.0455 * 4/3
  EXPECT_TRUE(std::isnan(ranking.q_values[2]));
}

TEST(FactorRanking, LeavesOutWhatResemblesABetterOne) {
  auto evaluation = with_t({1.0, 2.0, 3.0});
  evaluation.correlations(0, 1) = evaluation.correlations(1, 0) = -0.9;
  const auto ranking = rank_factors(evaluation);
  EXPECT_EQ(ranking.distinct, (std::vector<std::size_t>{2, 1}));
  ASSERT_TRUE(ranking.resembles[0]);
  EXPECT_EQ(ranking.resembles[0]->factor, 1U);
  EXPECT_DOUBLE_EQ(ranking.resembles[0]->correlation, -0.9);
  EXPECT_FALSE(ranking.resembles[2]);
  evaluation.spec.max_correlation = 0.95;
  EXPECT_EQ(rank_factors(evaluation).distinct.size(), 3U);
}

}  // namespace
}  // namespace orrery::factor_ranking_test
