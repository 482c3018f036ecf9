#include "orrery/report/explanation.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::report_explanation_test {
namespace {

ModelExplanation two_folds() {
  ModelExplanation explanation;
  explanation.method = "TreeSHAP";
  explanation.unit = "score";
  explanation.folds.resize(2);
  explanation.folds[0].samples = explanation.folds[1].samples = 100;
  explanation.folds[0].contributions = {{"a", 3.0, 0.9}, {"b", 1.0, -0.5}, {"c", 0.0, std::nan("")}};
  explanation.folds[1].contributions = {{"a", 0.2, 0.7}, {"b", 0.6, -0.7}};
  PermutationReport shuffled;
  shuffled.rank_ic = 0.05;
  shuffled.sessions = 20;
  shuffled.features = {{"b", 0.02, 0.004}};
  explanation.folds[1].permutation = shuffled;
  return explanation;
}

TEST(ReportExplanation, AveragesSharesOverTheFolds) {
  const auto ranked = rank_explained(two_folds(), 10);
  ASSERT_EQ(ranked.size(), 3U);
  EXPECT_EQ(ranked[0].feature, "a");
  EXPECT_NEAR(ranked[0].share, 0.5 * (3.0 / 4.0 + 0.2 / 0.8), 1e-15);
  EXPECT_EQ(ranked[0].fold_shares, (std::vector<double>{0.75, 0.25}));
  EXPECT_NEAR(ranked[0].mean_size, 1.6, 1e-15);
  EXPECT_NEAR(ranked[0].relation, 0.8, 1e-15);
  EXPECT_TRUE(std::isnan(ranked[0].drop));
  EXPECT_EQ(ranked[1].feature, "b");  // equal shares go by name
  EXPECT_EQ(ranked[1].drop, 0.02);
  EXPECT_EQ(ranked[1].drop_deviation, 0.004);
  EXPECT_TRUE(std::isnan(ranked[2].relation));
  EXPECT_EQ(rank_explained(two_folds(), 1).size(), 1U);
}

TEST(ReportExplanation, SaysWhetherTheFoldsAgree) {
  ModelExplanation explanation = two_folds();
  explanation.folds[0].contributions = {{"a", 3, 1}, {"b", 2, 1}, {"c", 1, 1}, {"d", 0.5, 1}};
  explanation.folds[1].contributions = explanation.folds[0].contributions;
  EXPECT_NEAR(explanation_stability(explanation).mean_rank_correlation, 1.0, 1e-15);
  EXPECT_NE(render_explanation(explanation).find("The ranking is stable: "), std::string::npos);
  explanation.folds[1].contributions = {{"a", 0.5, 1}, {"b", 1, 1}, {"c", 2, 1}, {"d", 3, 1}};
  EXPECT_NEAR(explanation_stability(explanation).mean_rank_correlation, -1.0, 1e-15);
  EXPECT_NE(render_explanation(explanation).find("The ranking is not stable"), std::string::npos);
  explanation.folds.pop_back();
  EXPECT_EQ(render_explanation(explanation).find("The ranking is"), std::string::npos);
}

TEST(ReportExplanation, ShowsShuffledFeaturesOfAModelWithoutContributions) {
  ModelExplanation explanation = two_folds();
  explanation.method.clear();
  for (auto& fold : explanation.folds) fold.contributions.clear();
  EXPECT_EQ(rank_explained(explanation, 10).front().feature, "b");
  EXPECT_NE(render_explanation(explanation).find("0.0200"), std::string::npos);
  EXPECT_NE(explanation_chart_json(explanation).find("\"contributions\":false"), std::string::npos);
  explanation.folds.clear();
  EXPECT_EQ(render_explanation(explanation), "");
  EXPECT_EQ(explanation_chart_json(explanation), "{}");
}

}  // namespace
}  // namespace orrery::report_explanation_test
