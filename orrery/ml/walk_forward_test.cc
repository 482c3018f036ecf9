#include "orrery/ml/walk_forward.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "orrery/base/error.h"
#include "testing/planted_signal.h"

namespace orrery::walk_forward_test {
namespace {

using testing::PlantedStudy;

/// What a spying model was shown.
struct Seen {
  std::vector<Sample> train, valid;
  std::vector<double> train_labels;
};

/// Predicts the first feature and keeps what it was shown.
class SpyModel final : public Model {
 public:
  explicit SpyModel(std::vector<Seen>& seen) : seen_(seen) {}
  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& /*context*/) override {
    seen_.push_back({train.samples(),
                     valid != nullptr ? valid->samples() : std::vector<Sample>{},
                     {train.labels().begin(), train.labels().end()}});
    return {};
  }
  PredictReport predict(const Dataset& data, std::span<double> out, int /*threads*/) const override {
    std::vector<float> values(data.size());
    data.read_feature(0, values);
    std::copy(values.begin(), values.end(), out.begin());
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {"spy", Task::kRegression, {}, {}}; }

 private:
  std::vector<Seen>& seen_;
};

ModelEntry spy(std::vector<Seen>& seen) {
  return {{"spy", "", {}, {}, "", true},
          [&seen](const ParameterMap&) { return std::make_unique<SpyModel>(seen); }};
}

WalkForwardSpec two_folds(int purge_rows) {
  WalkForwardSpec spec;
  spec.folds = {{{0, 50}, {50, 65}, {65, 80}}, {{15, 65}, {65, 80}, {80, 95}}};
  spec.purge_rows = purge_rows;
  return spec;
}

TEST(WalkForward, NoLabelSpanTouchesTheNextSegment) {
  const PlantedStudy study;
  constexpr std::size_t kSpan = 4;
  std::vector<Seen> seen;
  const auto spec = two_folds(kSpan);
  const auto result = walk_forward(study.features, study.label, study.eligible, spec, spy(seen));
  ASSERT_EQ(seen.size(), 2u);
  for (std::size_t fold = 0; fold < 2; ++fold) {
    for (const auto& sample : seen[fold].train) EXPECT_LT(sample.row + kSpan, spec.folds[fold].valid.begin);
    for (const auto& sample : seen[fold].valid) EXPECT_LT(sample.row + kSpan, spec.folds[fold].test.begin);
    EXPECT_EQ(result.folds[fold].used, purge_fold(spec.folds[fold], kSpan));
    EXPECT_EQ(result.folds[fold].train_samples, seen[fold].train.size());
    EXPECT_EQ(result.folds[fold].valid_samples, seen[fold].valid.size());
  }
}

TEST(WalkForward, ScoresEligibleTestCellsWithOrWithoutLabel) {
  PlantedStudy study;
  for (std::size_t i = 0; i < 40; ++i) study.label(70, i) = Panel::missing();
  std::vector<Seen> seen;
  const auto result = walk_forward(study.features, study.label, study.eligible, two_folds(0), spy(seen));
  for (std::size_t row = 0; row < study.label.rows(); ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      const bool scored = row >= 65 && row < 95 && study.eligible(row, i) != 0;
      if (scored) {
        EXPECT_EQ(result.scores(row, i), static_cast<double>(study.features.panels[0](row, i)));
      } else {
        EXPECT_TRUE(std::isnan(result.scores(row, i)));
      }
    }
  }
  for (const auto& sample : seen[1].valid) EXPECT_NE(sample.row, 70u);
  EXPECT_EQ(result.models.size(), 2u);
}

TEST(WalkForward, LearnsTheProcessedLabel) {
  const PlantedStudy study;
  std::vector<Seen> seen;
  auto spec = two_folds(1);
  spec.preprocess.label = LabelStep::kCrossRankNorm;
  walk_forward(study.features, study.label, study.eligible, spec, spy(seen));
  for (const double label : seen[0].train_labels) EXPECT_LE(std::fabs(label), 1.73);
}

TEST(WalkForward, RefusesFoldsThatCannotBe) {
  PlantedStudy study;
  std::vector<Seen> seen;
  const auto run = [&](const WalkForwardSpec& spec) {
    walk_forward(study.features, study.label, study.eligible, spec, spy(seen));
  };
  auto overlapping = two_folds(0);
  overlapping.folds[1].test = {79, 95};
  EXPECT_THROW(run(overlapping), Error);
  auto outside = two_folds(0);
  outside.folds[1].test = {80, 1000};
  EXPECT_THROW(run(outside), Error);
  EXPECT_THROW(run(two_folds(50)), Error);
  for (std::size_t row = 0; row < 65; ++row) std::fill_n(study.eligible.row_data(row), 40, std::uint8_t{0});
  EXPECT_THROW(run(two_folds(0)), Error);
}

}  // namespace
}  // namespace orrery::walk_forward_test
