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

std::string refusal(const std::string& model, const StudyOverrides& overrides = {}) {
  const std::string rest =
      "portfolio: {strategy: top_quantile, weights: inverse_deviation}\nbaselines: false\n";
  return testing::SmallStudy(model + rest).problem_of(overrides);
}

/// Without them `inverse_deviation` would weigh all names alike and say nothing.
TEST(ScoreDeviations, AreNeededToWeighByThemBeforeAnythingIsTrained) {
  const auto ridge = refusal("model: {name: ridge}\n");
  EXPECT_NE(ridge.find("portfolio.weights: inverse_deviation needs"), std::string::npos) << ridge;
  EXPECT_NE(ridge.find("the model ridge gives none"), std::string::npos) << ridge;
  EXPECT_NE(ridge.find("study.yaml:7"), std::string::npos) << ridge;
  const auto network = refusal("model: {name: mlp, params: {dropout: 0.2}}\n");
  EXPECT_NE(network.find("the model mlp gives none as it is set"), std::string::npos) << network;
  const auto families = refusal("model: {name: auto, families: [ridge, lightgbm]}\n");
  EXPECT_NE(families.find("none of the families"), std::string::npos) << families;
  const auto calibrated = refusal(
      "model: {name: ensemble, members: [{name: logistic}, {name: logistic, seeds: 2}]}\n"
      "calibration: platt\n",
      {{"preprocess.label", "none"}, {"label.gain", "0.02"}, {"label.within", "3"}});
  EXPECT_NE(calibrated.find("the model ensemble gives none once it is calibrated"), std::string::npos)
      << calibrated;
}

TEST(ScoreDeviations, AreTakenFromEveryModelThatMayGiveThem) {
  EXPECT_EQ(refusal("model: {name: bayesian_ridge}\n"), "");
  EXPECT_EQ(refusal("model: {name: mlp, params: {dropout: 0.2, dropout_passes: 5}}\n"), "");
  EXPECT_EQ(refusal("model: {name: auto, families: [ridge, {name: mlp, params: {dropout: 0.2, "
                    "dropout_passes: 5}}]}\n"),
            "");
  EXPECT_EQ(refusal("model: {name: ridge}\n", {{"portfolio.weights", "inverse_width"}}), "");
}

/// Where a search may have chosen a model that gives none, that shows once it has.
TEST(ScoreDeviations, AreNeededOfTheModelsThatWereChosen) {
  const testing::SmallStudy small(R"yaml(model: {name: ridge}
tune: {nested: true, trials: 1, parameters: {alpha: {log_uniform: [1, 10]}}}
portfolio: {strategy: top_quantile, weights: inverse_deviation}
baselines: false
)yaml");
  try {
    run_study(small.read(), study_plugins(), {1});
    ADD_FAILURE() << "weighed alike in silence";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("the ridge of fold 1 gives none"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace orrery::score_deviations_test
