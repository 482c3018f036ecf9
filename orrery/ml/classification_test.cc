#include "orrery/ml/classification.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"

namespace orrery::classification_test {
namespace {

Panel panel_of(const std::vector<std::vector<double>>& rows) {
  Panel panel(rows.size(), rows[0].size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < rows[row].size(); ++i) panel(row, i) = rows[row][i];
  }
  return panel;
}

const std::vector<std::vector<double>> kScores{
    {.9, .1, .4, .35, .8}, {.2, .2, .7, .05, .0}, {.6, .3, .3, 1.0, .55}};
const std::vector<std::vector<double>> kLabels{{1, 0, 0, 1, 0}, {0, 1, 1, 0, 0}, {0, 0, 1, 1, 0}};

// Expected values: scikit-learn 1.9.1 on the flattened tables: average_precision_score, brier_score_loss,
// log_loss, calibration_curve(n_bins=5, strategy="uniform"); the base rate 0.4 predicted for all gives the
// others.
TEST(Classification, EqualsScikitLearn) {
  const auto metrics = classification_metrics(panel_of(kScores), panel_of(kLabels), {}, 5);
  EXPECT_EQ(metrics.count, 15u);
  EXPECT_EQ(metrics.events, 6u);
  EXPECT_NEAR(metrics.average_precision, 0.7083333333333333, 1e-15);  // sums in another order
  EXPECT_NEAR(metrics.brier, 0.21716666666666665, 1e-15);
  EXPECT_NEAR(metrics.brier_base_rate, 0.24, 1e-15);
  EXPECT_NEAR(metrics.log_loss, 0.5931201713630406, 1e-15);
  EXPECT_NEAR(metrics.log_loss_base_rate, 0.6730116670092562, 1e-15);
  const std::vector<double> predicted{0.11, 0.3375, 0.575, 0.75, 0.95};
  const std::vector<double> happened{0.2, 0.5, 0.0, 0.5, 1.0};
  ASSERT_EQ(metrics.reliability.size(), 5u);
  std::size_t total = 0;
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(metrics.reliability[i].mean_predicted, predicted[i], 1e-15);
    EXPECT_NEAR(metrics.reliability[i].event_rate, happened[i], 1e-15);
    total += metrics.reliability[i].count;
  }
  EXPECT_EQ(total, 15u);
}

// By hand. Session 1's top two: .9 (event), .8: 1 of 2. Session 2: .7 (event), then .2 by tie to the first
// column (no event): 1 of 2. Session 3: 1.0 (event), .6: 1 of 2. Base rate 2 of 5 each: lift 0.5 / 0.4.
TEST(Classification, CountsEventsAmongTheTopPicks) {
  const auto metrics = classification_metrics(panel_of(kScores), panel_of(kLabels), {1, 2, 9}, 5);
  EXPECT_DOUBLE_EQ(metrics.top_picks[0].precision, 1.0);
  EXPECT_DOUBLE_EQ(metrics.top_picks[1].precision, 0.5);
  EXPECT_DOUBLE_EQ(metrics.top_picks[1].lift, 1.25);
  EXPECT_DOUBLE_EQ(metrics.top_picks[2].lift, 1.0);  // fewer than nine: all are picked
  EXPECT_EQ(metrics.top_picks[2].sessions, 3u);
}

TEST(Classification, LeavesMissingCellsOut) {
  auto scores = kScores;
  auto labels = kLabels;
  scores.push_back(std::vector<double>(5, Panel::missing()));
  labels.push_back(std::vector<double>(5, 1.0));
  labels[0][0] = Panel::missing();
  const auto metrics = classification_metrics(panel_of(scores), panel_of(labels), {1}, 10);
  EXPECT_EQ(metrics.count, 14u);
  EXPECT_EQ(metrics.events, 5u);
  EXPECT_EQ(metrics.top_picks[0].sessions, 3u);
}

TEST(Classification, HasNoPrecisionWithoutEvents) {
  const auto metrics = classification_metrics(panel_of({{0.2, 0.0}}), panel_of({{0, 0}}), {1}, 2);
  EXPECT_TRUE(std::isnan(metrics.average_precision));
  EXPECT_TRUE(std::isnan(metrics.top_picks[0].lift));
  EXPECT_NEAR(metrics.log_loss_base_rate, 0.0, 1e-15);
}

TEST(Classification, RefusesWhatIsNoProbability) {
  EXPECT_THROW(classification_metrics(panel_of({{1.2}}), panel_of({{1}}), {}, 5), Error);
  EXPECT_THROW(classification_metrics(panel_of({{0.2}}), panel_of({{0.5}}), {}, 5), Error);
  EXPECT_THROW(classification_metrics(panel_of({{0.2}}), panel_of({{1}}), {0}, 5), Error);
  EXPECT_THROW(classification_metrics(panel_of({{Panel::missing()}}), panel_of({{1}}), {}, 5), Error);
}

}  // namespace
}  // namespace orrery::classification_test
