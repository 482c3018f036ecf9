#include "orrery/ml/member_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "testing/planted_signal.h"

namespace orrery::member_weights_test {
namespace {

using testing::PlantedStudy;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

TEST(WeightsBySkill, AreInProportionWhereSkillIsPositive) {
  EXPECT_EQ(weights_by_skill({0.03, 0.01, -0.5, kNaN}), (std::vector<double>{0.75, 0.25, 0.0, 0.0}));
  EXPECT_EQ(weights_by_skill({-0.03, kNaN}), (std::vector<double>{0.5, 0.5}));
}

TEST(CountShares, IsTheBinomial) {
  EXPECT_EQ(count_shares(1, 10, 1000), 1u);
  EXPECT_EQ(count_shares(2, 10, 1000), 11u);
  EXPECT_EQ(count_shares(5, 10, 2000), 1001u);  // 14 choose 4
  EXPECT_EQ(count_shares(10, 10, 20000), 20001u);
  EXPECT_EQ(count_shares(50, 100, 20000), 20001u);
}

/// Three members' scores of a planted study: the first feature, the second, noise.
std::vector<std::vector<double>> member_scores(const Dataset& data) {
  std::vector<std::vector<double>> scores;
  std::vector<float> values(data.size());
  for (std::size_t feature = 0; feature < 3; ++feature) {
    data.read_feature(feature, values);
    auto& own = scores.emplace_back(values.begin(), values.end());
    if (feature != 1) continue;
    for (double& value : own) value = -value;
  }
  return scores;
}

TEST(WeightsByGrid, AreTheBestOfAllThatAreTried) {
  const PlantedStudy study;
  const Dataset data = study.learn({0, 60});
  const auto scores = member_scores(data);
  const RankIc judge(data);
  // The same by three loops, without the code's order.
  double best = -1.0;
  std::vector<double> expected;
  for (int a = 0; a <= 10; ++a) {
    for (int b = 0; a + b <= 10; ++b) {
      std::vector<double> sum(data.size());
      const std::vector<double> weights = {a / 10.0, b / 10.0, (10 - a - b) / 10.0};
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] = weights[0] * scores[0][i] + weights[1] * scores[1][i] + weights[2] * scores[2][i];
      if (const double skill = judge(sum); skill > best) best = skill, expected = weights;
    }
  }
  const auto found = weights_by_grid(scores, judge, 10, 2);
  EXPECT_EQ(found, expected);
  // The label is 0.8 times the first less 0.5 times the second: 0.62 and 0.38 of it.
  EXPECT_NEAR(found[0], 0.62, 0.1);
  EXPECT_LE(found[2], 0.1);
  EXPECT_EQ(weights_by_grid(scores, judge, 10, 1), found);
}

TEST(WeightsByGrid, AreTheMostEvenOfEqualOnes) {
  const PlantedStudy study;
  const Dataset data = study.learn({0, 20});
  const auto one = member_scores(data).front();
  EXPECT_EQ(weights_by_grid({one, one}, RankIc(data), 10, 1), (std::vector<double>{0.5, 0.5}));
  const std::vector<double> flat(data.size(), 1.0);
  EXPECT_EQ(weights_by_grid({flat, flat, flat, flat}, RankIc(data), 10, 1), std::vector<double>(4, 0.25));
}

}  // namespace
}  // namespace orrery::member_weights_test
