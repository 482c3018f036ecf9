#include "orrery/ml/feature_windows.h"

#include <gtest/gtest.h>

#include <limits>

#include "orrery/base/error.h"
#include "testing/planted_signal.h"

namespace orrery::feature_windows_test {
namespace {

using testing::PlantedStudy;

std::vector<std::uint32_t> all_of(const Dataset& data) {
  std::vector<std::uint32_t> samples(data.size());
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = static_cast<std::uint32_t>(i);
  return samples;
}

std::vector<float> windows_of(const Dataset& data, std::size_t sessions) {
  const FeatureWindows windows(data, sessions, 0.0F, 2);
  std::vector<float> values(data.size() * windows.values_per_sample());
  windows.read(all_of(data), values.data());
  return values;
}

TEST(FeatureWindows, HoldTheInstrumentsLastSessionsOldestFirst) {
  FactorFrame frame{{"a", "b"}, {FloatPanel(4, 1), FloatPanel(4, 1)}};
  MaskPanel eligible(4, 1, 1);
  eligible(2, 0) = 0;
  for (std::size_t row = 0; row < 4; ++row) {
    frame.panels[0](row, 0) = static_cast<float>(row + 1);
    frame.panels[1](row, 0) = static_cast<float>(10 * (row + 1));
  }
  frame.panels[1](1, 0) = FloatPanel::missing();
  const FittedFeatures no_steps;
  const Dataset last(frame, no_steps, eligible, {3, 4});
  EXPECT_EQ(windows_of(last, 1), (std::vector<float>{4, 40}));
  // A missing feature and a session on which the instrument was not eligible are 0.
  EXPECT_EQ(windows_of(last, 3), (std::vector<float>{2, 0, 0, 0, 4, 40}));
  // So are the sessions before the panel begins.
  EXPECT_EQ(windows_of(last, 5), (std::vector<float>{0, 0, 1, 10, 2, 0, 0, 0, 4, 40}));
}

TEST(FeatureWindows, ApplyTheFittedStepsToEverySession) {
  FactorFrame frame{{"a"}, {FloatPanel(2, 1)}};
  frame.panels[0](0, 0) = 5;
  frame.panels[0](1, 0) = -1;
  const FeatureStep clip{FeatureStep::Kind::kClip, 2.0};
  const FittedFeatures steps({"a"}, {{clip, {}}});
  const MaskPanel eligible(2, 1, 1);
  EXPECT_EQ(windows_of({frame, steps, eligible, {1, 2}}, 2), (std::vector<float>{2, -1}));
}

TEST(FeatureWindows, AreTheSameWhicheverDataSetASampleStandsIn) {
  const PlantedStudy study({.missing_share = 0.1});
  const auto whole = windows_of(study.predict({40, 60}), 7);
  std::vector<float> parts;
  for (std::size_t row = 40; row < 60; ++row) {
    const auto part = windows_of(study.predict({row, row + 1}), 7);
    parts.insert(parts.end(), part.begin(), part.end());
  }
  EXPECT_EQ(parts, whole);
  // Samples without a label are no samples to learn from, but are looked back on.
  PlantedStudy unlabelled = study;
  unlabelled.label(50, 3) = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(windows_of(unlabelled.learn({55, 60}), 7), windows_of(study.learn({55, 60}), 7));
}

TEST(FeatureWindows, DoNotSeeLaterSessions) {
  const PlantedStudy study;
  PlantedStudy changed = study;
  for (auto& panel : changed.features.panels) {
    for (std::size_t row = 60; row < panel.rows(); ++row) {
      for (std::size_t i = 0; i < panel.columns(); ++i) panel(row, i) = 99.0F;
    }
  }
  EXPECT_EQ(windows_of(changed.predict({30, 60}), 12), windows_of(study.predict({30, 60}), 12));
}

TEST(FeatureWindows, RefuseWhatANetworkCannotRead) {
  PlantedStudy study;
  EXPECT_THROW(FeatureWindows(study.predict({0, 5}), 0, 0.0F, 1), Error);
  study.eligible(3, 0) = 1;
  study.features.panels[2](3, 0) = std::numeric_limits<float>::infinity();
  try {
    const FeatureWindows windows(study.predict({0, 5}), 2, 0.0F, 1);
    ADD_FAILURE() << "took an infinite feature";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("f2"), std::string::npos) << error.what();
  }
}

TEST(FeatureWindows, OfNoSamplesAreEmpty) {
  const PlantedStudy study;
  const FeatureWindows windows(study.predict({5, 5}), 3, 0.0F, 1);
  EXPECT_EQ(windows.values_per_sample(), 18U);
  windows.read({}, nullptr);
}

}  // namespace
}  // namespace orrery::feature_windows_test
