#include "orrery/ml/feature_selection.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/base/session_ranks.h"
#include "orrery/ml/cross_section.h"
#include "testing/planted_signal.h"

namespace orrery::feature_selection_test {
namespace {

using By = SelectionSpec::By;

/// Integers from a small generator that numpy repeats exactly, so that the oracle has the same panels.
class Congruential {
 public:
  int below(int limit) {
    state_ = (state_ * 1103515245U + 12345U) & 0x7FFFFFFFU;
    return static_cast<int>((state_ >> 8U) % static_cast<std::uint32_t>(limit));
  }

 private:
  std::uint32_t state_ = 2024;
};

/// Eight features of 12 sessions and 30 names in small whole numbers, so that there are ties: f0, f1 follow
/// the label, f2 and f3 repeat them with noise, f4 is minus f0, the others are noise. Some cells are missing
/// or not eligible.
struct Case {
  FactorFrame features;
  Panel label{12, 30};
  MaskPanel eligible{12, 30, 1};

  Case() {
    for (int f = 0; f < 8; ++f) {
      features.names.push_back(fmt::format("f{}", f));
      features.panels.emplace_back(12, 30);
    }
    Congruential random;
    for (std::size_t row = 0; row < 12; ++row) {
      for (std::size_t i = 0; i < 30; ++i) fill(random, row, i);
    }
  }

 private:
  void fill(Congruential& random, std::size_t row, std::size_t i) {
    const int y = random.below(41) - 20;
    const int a = y + random.below(31) - 15;
    const int b = y + random.below(61) - 30;
    const std::array<int, 8> values{a,
                                    b,
                                    a + random.below(7) - 3,
                                    b + random.below(21) - 10,
                                    -a,
                                    random.below(50),
                                    random.below(5),
                                    random.below(100)};
    label(row, i) = random.below(12) == 0 ? Panel::missing() : y;
    eligible(row, i) = random.below(10) == 0 ? 0 : 1;
    for (std::size_t f = 0; f < values.size(); ++f) {
      features.panels[f](row, i) =
          random.below(9) == 0 ? FloatPanel::missing() : static_cast<float>(values[f]);
    }
  }
};

TEST(SessionRanker, EqualsSortingByComparison) {
  Random random(3);
  SessionRanker ranker;
  for (const std::size_t count : {1UL, 5UL, 63UL, 64UL, 500UL, 3000UL}) {
    std::vector<float> values(count);
    for (auto& value : values) value = std::round(static_cast<float>(random.normal()) * 30.0F) / 7.0F;
    if (count > 2) values[1] = -0.0F, values[2] = 0.0F;
    const auto expected = average_ranks(std::vector<double>(values.begin(), values.end()));
    std::vector<float> ranks(count);
    ranker.rank(values, ranks);
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(static_cast<double>(ranks[i]), expected[i]) << count;
  }
}

struct Expected {
  const char* feature;
  double ic;
  const char* resembles;
  double correlation;
};

void expect_selection(const FeatureSelection& selection, const std::vector<Expected>& expected) {
  ASSERT_EQ(selection.candidates.size(), expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const auto& candidate = selection.candidates[i];
    EXPECT_EQ(candidate.feature, expected[i].feature) << i;
    EXPECT_NEAR(candidate.ic, expected[i].ic, 1e-12) << i;
    EXPECT_EQ(candidate.resembles, expected[i].resembles) << i;
    if (candidate.chosen()) continue;
    // Correlations are summed in float, 16 lanes a session: 30 values of size 1 give about 1e-7.
    EXPECT_NEAR(candidate.correlation, expected[i].correlation, 1e-6) << i;
  }
}

// Expected values: orrery/ml/feature_selection_oracle.py with pandas 2.2 and numpy 2.2
// (DataFrame.corrwith by session for the IC, a plain double loop for the walk).
TEST(FeatureSelection, EqualsPandasByRankIc) {
  const Case c;
  const auto selection = select_features(c.features, c.label, c.eligible, {1, 11}, {By::kRankIc, 4, 0.7}, 1);
  expect_selection(selection, {
                                  {"f2", 0.7929645153382098, "", 0.0},
                                  {"f0", 0.7816005522268299, "f2", 0.8920478407960225},
                                  {"f4", -0.7782007543414002, "f2", -0.8758923976050577},
                                  {"f1", 0.5855289776555211, "", 0.0},
                                  {"f3", 0.5648946947241373, "f1", 0.8518834653386342},
                                  {"f5", 0.07317619963116738, "", 0.0},
                                  {"f7", 0.040155145702427106, "", 0.0},

                              });
}

TEST(FeatureSelection, EqualsPandasByIc) {
  const Case c;
  const auto selection = select_features(c.features, c.label, c.eligible, {1, 11}, {By::kIc, 4, 0.7}, 1);
  expect_selection(selection, {
                                  {"f2", 0.8071501638708467, "", 0.0},
                                  {"f4", -0.8017836226845846, "f2", -0.882388774582495},
                                  {"f0", 0.797597481768803, "f2", 0.8966984967842718},
                                  {"f1", 0.6223149644054804, "", 0.0},
                                  {"f3", 0.5943127732472352, "f1", 0.8621442221021619},
                                  {"f5", 0.06272796707568618, "", 0.0},
                                  {"f7", 0.05519108001182427, "", 0.0},

                              });
}

TEST(FeatureSelection, DoesNotDependOnThreads) {
  const testing::PlantedStudy study({100, 60, 40, 0.05, 0.5, 4});
  const SelectionSpec spec{By::kRankIc, 25, 0.05};
  const auto one = select_features(study.features, study.label, study.eligible, {5, 90}, spec, 1).to_json();
  EXPECT_EQ(select_features(study.features, study.label, study.eligible, {5, 90}, spec, 3).to_json(), one);
}

TEST(FeatureSelection, FindsThePlantedFeaturesFirst) {
  const testing::PlantedStudy study;
  const auto names =
      select_features(study.features, study.label, study.eligible, {0, 80}, {By::kRankIc, 2, 0.7}, 1).names();
  EXPECT_EQ(names, (std::vector<std::string>{"f0", "f1"}));
}

TEST(FeatureSelection, ReadsItsRowsAlone) {
  testing::PlantedStudy study;
  const SelectionSpec spec{By::kRankIc, 4, 0.5};
  const auto before =
      select_features(study.features, study.label, study.eligible, {10, 60}, spec, 1).to_json();
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    if (row >= 10 && row < 60) continue;
    for (std::size_t i = 0; i < study.label.columns(); ++i) {
      study.label(row, i) = 1e9;
      for (auto& panel : study.features.panels) panel(row, i) = -1e9F;
    }
  }
  EXPECT_EQ(select_features(study.features, study.label, study.eligible, {10, 60}, spec, 1).to_json(),
            before);
}

TEST(FeatureSelection, NeverChoosesAFeatureWithoutValues) {
  testing::PlantedStudy study;
  for (std::size_t row = 0; row < 80; ++row) {
    auto& silent = study.features.panels[0];
    auto& rare = study.features.panels[1];
    for (std::size_t i = 0; i < silent.columns(); ++i) {
      silent(row, i) = 1.0F;
      if (row > 30) rare(row, i) = FloatPanel::missing();
    }
  }
  const auto selection =
      select_features(study.features, study.label, study.eligible, {0, 80}, {By::kIc, 10, 1.0}, 1);
  const auto names = selection.names();
  EXPECT_EQ(names.size(), 4u);
  EXPECT_EQ(std::count(names.begin(), names.end(), "f0") + std::count(names.begin(), names.end(), "f1"), 0);
  for (auto& panel : study.features.panels) panel = FloatPanel(panel.rows(), panel.columns(), 2.0F);
  EXPECT_THROW(select_features(study.features, study.label, study.eligible, {0, 80}, {By::kIc, 10, 1.0}, 1),
               Error);
}

TEST(FeatureSelection, SurvivesBeingWrittenAndRead) {
  const Case c;
  const auto selection = select_features(c.features, c.label, c.eligible, {1, 11}, {By::kIc, 4, 0.7}, 1);
  const auto read = FeatureSelection::from_json(selection.to_json());
  EXPECT_EQ(read.to_json(), selection.to_json());
  EXPECT_EQ(read.spec, selection.spec);
  EXPECT_EQ(read.names(), selection.names());
  const auto positions = chosen_positions(read, c.features);
  EXPECT_TRUE(std::is_sorted(positions.begin(), positions.end()));
  EXPECT_EQ(positions.size(), read.names().size());
  EXPECT_THROW(FeatureSelection::from_json("{}"), Error);
  EXPECT_THROW(FeatureSelection::from_json("no json"), Error);
}

TEST(SelectionStability, CountsAndCompares) {
  const auto stability = selection_stability({{"a", "b", "c"}, {"b", "c", "d"}, {"b"}});
  ASSERT_EQ(stability.jaccard.size(), 2u);
  EXPECT_DOUBLE_EQ(stability.jaccard[0], 0.5);
  EXPECT_DOUBLE_EQ(stability.jaccard[1], 1.0 / 3.0);
  EXPECT_DOUBLE_EQ(stability.mean_jaccard(), 5.0 / 12.0);
  EXPECT_EQ(stability.counts.front().feature, "b");
  EXPECT_EQ(stability.counts.front().folds, 3u);
  EXPECT_TRUE(std::isnan(selection_stability({{"a"}}).mean_jaccard()));
}

}  // namespace
}  // namespace orrery::feature_selection_test
