#include "orrery/ml/session_skill.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "testing/planted_signal.h"

namespace orrery::session_skill_test {
namespace {

/// Three sessions: scores in the labels' order, in the opposite one, and all alike.
struct Three {
  testing::PlantedStudy study{{.rows = 3, .instruments = 4}};
  std::vector<double> scores{1, 2, 3, 10, 4, 3, 2, 1, 5, 5, 5, 5};

  Three() {
    for (std::size_t row = 0; row < 3; ++row) {
      for (std::size_t i = 0; i < 4; ++i) {
        study.eligible(row, i) = 1;
        study.label(row, i) = static_cast<double>(i + 1);
      }
    }
  }
  Dataset data() const { return study.learn({0, 3}); }
};

TEST(SessionSkill, IsTheMeanCorrelationOfSessionsThatHaveOne) {
  const Three three;
  EXPECT_DOUBLE_EQ(SessionSkill("rank_ic", three.data())(three.scores), 0.0);
  // Of 1 2 3 10 with 1 2 3 4: 14 / √(5 × 50).
  EXPECT_DOUBLE_EQ(SessionSkill("ic", three.data())(three.scores), (14.0 / std::sqrt(250.0) - 1.0) / 2.0);
  EXPECT_EQ(SessionSkill("ic", three.data())(std::vector<double>(12, 3.0)), 0.0);
  EXPECT_EQ(SessionSkill("rank_ic", three.data())(std::vector<double>(12, 3.0)), 0.0);
  EXPECT_EQ(SessionSkill("ic", three.data()).name(), "mean IC");
}

/// Their mean is off by a rounding, and so would a correlation with it be.
TEST(SessionSkill, LeavesOutSessionsWhoseScoresAreAlike) {
  testing::PlantedStudy study({.rows = 2, .instruments = 47});
  std::vector<double> scores(94, 0.1);
  for (std::size_t i = 0; i < 47; ++i) {
    for (std::size_t row = 0; row < 2; ++row) {
      study.eligible(row, i) = 1;
      study.label(row, i) = static_cast<double>(i);
    }
    scores[i] = static_cast<double>(i);
  }
  EXPECT_NEAR(SessionSkill("ic", study.learn({0, 2}))(scores), 1.0, 1e-14);
}

TEST(SessionSkill, StopsNothingUnlessAskedFor) {
  const Three three;
  const Dataset data = three.data();
  EXPECT_FALSE(skill_to_stop_on({{"stop_on", std::string("metric")}}, &data));
  EXPECT_FALSE(skill_to_stop_on({{"stop_on", std::string("rank_ic")}}, nullptr));
  EXPECT_EQ(skill_to_stop_on({{"stop_on", std::string("rank_ic")}}, &data)->name(), "mean rank IC");
  EXPECT_THROW(SessionSkill("loss", data), Error);
}

}  // namespace
}  // namespace orrery::session_skill_test
