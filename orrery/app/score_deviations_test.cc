#include "orrery/app/score_deviations.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "testing/small_study.h"

namespace orrery::score_deviations_test {
namespace {

using testing::study_plugins;

/// Two lines that see different factors, and a strategy that trusts them where they agree.
constexpr const char* kTwoLines = R"yaml(model:
  name: ensemble
  members: [{name: ridge, features: ["reversal*"]}, {name: ridge, params: {alpha: 100}}]
portfolio: {strategy: top_quantile, quantile: 0.25, invest: 0.9, weights: inverse_deviation}
baselines: false
)yaml";

TEST(ScoreDeviations, StandBesideEveryScoreAndReachTheStrategy) {
  const testing::SmallStudy small(kTwoLines);
  const StudyRun run = run_study(small.read(), study_plugins(), {1});
  ASSERT_TRUE(run.deviations);
  const Panel& deviations = run.deviations->values;
  std::size_t scored = 0;
  for (std::size_t row = 0; row < deviations.rows(); ++row) {
    for (std::size_t i = 0; i < deviations.columns(); ++i) {
      EXPECT_EQ(std::isnan(deviations(row, i)), std::isnan(run.walk.scores(row, i)));
      scored += std::isnan(deviations(row, i)) ? 0u : 1u;
    }
  }
  EXPECT_GT(scored, 3000u);

  // Weight × deviation is one and the same for all names of a session but those whose weight is capped, which
  // all have the largest.
  struct Session {
    std::vector<double> weights, products;
  };
  std::map<Date, Session> sessions;
  for (const auto& row : run.evaluation.backtest.weights) {
    if (row.reason != "top quantile") continue;
    auto& session = sessions[row.date];
    session.weights.push_back(row.weight);
    session.products.push_back(row.weight *
                               deviations(run.prices.market.lower_row(row.date), row.instrument));
  }
  EXPECT_GT(sessions.size(), 80u);
  std::size_t capped = 0;
  for (const auto& [date, session] : sessions) {
    const double product = std::ranges::max(session.products);
    const double largest = std::ranges::max(session.weights);
    for (std::size_t i = 0; i < session.weights.size(); ++i) {
      if (std::fabs(session.products[i] - product) < 1e-12) continue;
      EXPECT_LT(session.products[i], product);
      EXPECT_NEAR(session.weights[i], largest, 1e-12);
      capped += 1;
    }
  }
  EXPECT_LT(capped, 2 * sessions.size());
  ASSERT_TRUE(run.evaluation.trust.deviations);
  EXPECT_EQ(run.evaluation.trust.deviations->skill.groups.size(), 5u);
}

TEST(ScoreDeviations, AreNotThereWhereTheModelDoesNotSay) {
  const testing::SmallStudy small(R"yaml(model: {name: ridge}
portfolio: {strategy: topk_dropout, k: 10, drop: 2}
baselines: false
)yaml");
  const StudyRun run = run_study(small.read(), study_plugins(), {1});
  EXPECT_FALSE(run.deviations);
  EXPECT_FALSE(run.evaluation.trust.deviations);
}

}  // namespace
}  // namespace orrery::score_deviations_test
