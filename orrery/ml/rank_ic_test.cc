#include "orrery/ml/rank_ic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace orrery::rank_ic_test {
namespace {

/// Sessions of up to five instruments: five labels with a tie, four with a tie, all equal, one alone.
struct Sessions {
  FactorFrame features;
  FittedFeatures steps;
  MaskPanel eligible{4, 5, 1};
  Panel label{4, 5};

  Sessions() {
    features.names = {"f"};
    features.panels.emplace_back(4, 5);
    const std::vector<std::vector<double>> labels = {
        {1.0, 0.0, 2.0, 2.0, -1.0}, {0.1, 0.4, 0.2, 0.2}, {3.0, 3.0, 3.0}, {1.0}};
    for (std::size_t row = 0; row < labels.size(); ++row) {
      for (std::size_t i = 0; i < labels[row].size(); ++i) label(row, i) = labels[row][i];
    }
  }
  Dataset data(RowRange rows) const { return {features, steps, eligible, rows, &label}; }
};

// scipy.stats.spearmanr of the first two sessions.
constexpr double kFirst = 0.8157894736842107;
constexpr double kSecond = -0.9486832980505139;

TEST(RankIc, IsTheMeanOfSpearmansCorrelationsOfTheSessions) {
  const Sessions sessions;
  const std::vector<double> first = {0.3, -1.0, 0.3, 2.0, 0.1};
  const std::vector<double> both = {0.3, -1.0, 0.3, 2.0, 0.1, 5.0, 1.0, 3.0, 2.0};
  EXPECT_NEAR(RankIc(sessions.data({0, 1}))(first), kFirst, 1e-15);
  EXPECT_NEAR(RankIc(sessions.data({0, 2}))(both), (kFirst + kSecond) / 2.0, 1e-15);
}

TEST(RankIc, LeavesOutSessionsThatSayNothing) {
  const Sessions sessions;
  // The third session's labels are equal, the fourth has one; then the scores of the second are equal.
  const std::vector<double> scores = {0.3, -1.0, 0.3, 2.0, 0.1, 7.0, 7.0, 7.0, 7.0, 1.0, 2.0, 3.0, 4.0};
  EXPECT_NEAR(RankIc(sessions.data({0, 4}))(scores), kFirst, 1e-15);
  EXPECT_TRUE(std::isnan(RankIc(sessions.data({2, 4}))({{1.0, 2.0, 3.0, 4.0}})));
}

}  // namespace
}  // namespace orrery::rank_ic_test
