#include "orrery/ml/preprocess.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/ml/cross_section.h"

namespace orrery::preprocess_test {
namespace {

using Kind = FeatureStep::Kind;
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

/// One feature of one instrument, a value a session.
FactorFrame one_feature(const std::vector<float>& values) {
  FactorFrame frame;
  frame.names = {"x"};
  frame.panels.emplace_back(values.size(), 1);
  for (std::size_t row = 0; row < values.size(); ++row) frame.panels[0](row, 0) = values[row];
  return frame;
}

void expect_same_bits(float found, float expected) {
  if (std::isnan(expected)) {
    EXPECT_TRUE(std::isnan(found)) << found;
  } else {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(found), std::bit_cast<std::uint32_t>(expected))
        << found << " " << expected;
  }
}

// Expected values: numpy 2.2.6, the operations of qlib 0.9.7's RobustZScoreNorm and Fillna on a float32
// column X:
//   med = np.nanmedian(X, axis=0); sd = np.nanmedian(np.abs(X - med), axis=0); sd += 1e-12; sd *= 1.4826
//   np.clip((X - med) / sd, -3, 3)
TEST(RobustZScore, EqualsQlibToTheBit) {
  const std::vector<float> x{0.1F, 0.2F, -3.0F, 7.7F, kNan, 0.3F, 1e-3F, 5.0F, -2.25F, 1.1F, kNan};
  const std::vector<float> expected{
      -0x1.32f7e0p-4F, 0.0F, -0x1.32f7e0p+1F, 3.0F,           0.0F, 0x1.32f7e0p-4F,
      -0x1.316ef4p-3F, 3.0F, -0x1.d60b8ep+0F, 0x1.5956dcp-1F, 0.0F};
  const FactorFrame frame = one_feature(x);
  const MaskPanel eligible(x.size(), 1, 1);
  const auto fitted = fit_features(frame, eligible, {0, x.size()},
                                   {{Kind::kRobustZScore, 0}, {Kind::kClip, 3}, {Kind::kFillMissing, 0}}, 1);
  expect_same_bits(fitted.steps()[0].scaling.center[0], 0x1.99999ap-3F);
  expect_same_bits(fitted.steps()[0].scaling.scale[0], 0x1.55974ep+0F);
  for (std::size_t row = 0; row < x.size(); ++row) {
    float value = x[row];
    fitted.apply(0, eligible.row(row), {&value, 1});
    expect_same_bits(value, expected[row]);
  }
}

// The same with 0.9 appended: an even count of values.
TEST(RobustZScore, EqualsQlibForAnEvenCount) {
  const std::vector<float> x{0.1F, 0.2F, -3.0F, 7.7F, kNan, 0.3F, 1e-3F, 5.0F, -2.25F, 1.1F, kNan, 0.9F};
  const auto fitted =
      fit_features(one_feature(x), MaskPanel(x.size(), 1, 1), {0, x.size()}, {{Kind::kRobustZScore, 0}}, 1);
  expect_same_bits(fitted.steps()[0].scaling.center[0], 0x1.0p-2F);
  expect_same_bits(fitted.steps()[0].scaling.scale[0], 0x1.1ca8cp+0F);
}

TEST(FitFeatures, SeesOnlyEligibleCellsOfItsRows) {
  const std::vector<float> x{1.0F, 2.0F, 3.0F, 1000.0F, 4.0F, -1000.0F};
  MaskPanel eligible(x.size(), 1, 1);
  eligible(3, 0) = 0;
  const auto fitted = fit_features(one_feature(x), eligible, {0, 5}, {{Kind::kZScore, 0}}, 1);
  EXPECT_EQ(fitted.steps()[0].scaling.center[0], 2.5F);
  EXPECT_EQ(fitted.steps()[0].scaling.scale[0], std::sqrt(1.25F));
}

TEST(FitFeatures, LeavesFeaturesWithoutValuesOrSpread) {
  const MaskPanel eligible(3, 1, 1);
  const auto empty = fit_features(one_feature({kNan, kNan, kNan}), eligible, {0, 3},
                                  {{Kind::kRobustZScore, 0}, {Kind::kFillMissing, 0.5}}, 1);
  float value = 7.0F;
  empty.apply(0, eligible.row(0), {&value, 1});
  EXPECT_EQ(value, 0.5F);
  const auto constant = fit_features(one_feature({2, 2, 2}), eligible, {0, 3}, {{Kind::kZScore, 0}}, 1);
  value = 2.0F;
  constant.apply(0, eligible.row(0), {&value, 1});
  EXPECT_EQ(value, 2.0F);
}

TEST(FitFeatures, FitsAStepOnWhatTheStepsBeforeLeave) {
  const auto fitted = fit_features(one_feature({-50, 0, 1, 50}), MaskPanel(4, 1, 1), {0, 4},
                                   {{Kind::kClip, 2}, {Kind::kZScore, 0}}, 1);
  EXPECT_EQ(fitted.steps()[1].scaling.center[0], 0.25F);
}

FactorFrame random_frame(std::size_t features, std::size_t rows, std::size_t instruments) {
  Random random(21);
  FactorFrame frame;
  for (std::size_t f = 0; f < features; ++f) {
    frame.names.push_back(fmt::format("f{}", f));
    frame.panels.emplace_back(rows, instruments);
    for (std::size_t row = 0; row < rows; ++row) {
      for (float& cell : frame.panels[f].row(row)) {
        cell = random.below(20) == 0 ? kNan
                                     : static_cast<float>(random.normal() * (1.0 + static_cast<double>(f)));
      }
    }
  }
  return frame;
}

TEST(FitFeatures, DoesNotDependOnThreadsNorOnLaterRows) {
  FactorFrame frame = random_frame(40, 60, 33);
  const MaskPanel eligible(60, 33, 1);
  const std::vector<FeatureStep> steps{{Kind::kRobustZScore, 0}, {Kind::kClip, 3}, {Kind::kZScore, 0}};
  const auto one = fit_features(frame, eligible, {5, 40}, steps, 1).to_json();
  EXPECT_EQ(fit_features(frame, eligible, {5, 40}, steps, 3).to_json(), one);
  for (auto& panel : frame.panels) std::fill_n(panel.row_data(40), 20 * panel.stride(), 1e9F);
  EXPECT_EQ(fit_features(frame, eligible, {5, 40}, steps, 2).to_json(), one);
}

TEST(FittedFeatures, SurviveJsonToTheBit) {
  const auto fitted = fit_features(random_frame(3, 10, 5), MaskPanel(10, 5, 1), {0, 10},
                                   {{Kind::kRobustZScore, 0}, {Kind::kClip, 3}, {Kind::kCrossRank, 0}}, 1);
  const auto copy = FittedFeatures::from_json(fitted.to_json());
  EXPECT_EQ(copy.to_json(), fitted.to_json());
  EXPECT_EQ(copy.steps()[0].scaling.scale, fitted.steps()[0].scaling.scale);
  EXPECT_THROW(FittedFeatures::from_json("{}"), Error);
  EXPECT_THROW(FittedFeatures::from_json(fitted.to_json().substr(0, 40)), Error);
}

// Expected values: pandas 2.2.3, (r.rank(pct=True) - 0.5) * 3.46 and (r - r.mean()) / r.std().
TEST(CrossSection, EqualsPandas) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const std::vector<double> x{0.01, 0.02, 0.02, -0.5, missing, 0.3};
  auto ranked = x;
  cross_rank_norm(ranked);
  const std::vector<double> ranks{-0.346, 0.692, 0.692, -1.038, missing, 1.73};
  auto scored = x;
  cross_z_score(scored);
  const std::vector<double> scores{
      0.13793103448275865, 0.1724137931034483, 0.1724137931034483, -1.620689655172414, missing,
      1.1379310344827587};
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) {
      EXPECT_TRUE(std::isnan(ranked[i]) && std::isnan(scored[i]));
      continue;
    }
    EXPECT_NEAR(ranked[i], ranks[i], 1e-15);  // the last bit depends on the order of operations
    EXPECT_NEAR(scored[i], scores[i], 1e-14);
  }
}

TEST(CrossSection, FeatureStepsUseEligibleInstrumentsAlone) {
  const FittedFeatures ranked({"x"}, {{{Kind::kCrossRank, 0}, {}}});
  std::vector<float> values{5.0F, 1.0F, 99.0F, 3.0F};
  const std::vector<std::uint8_t> eligible{1, 1, 0, 1};
  ranked.apply(0, eligible, values);
  EXPECT_FLOAT_EQ(values[0], 0.5F * 3.46F);
  EXPECT_FLOAT_EQ(values[3], static_cast<float>((2.0 / 3.0 - 0.5) * 3.46));
  EXPECT_TRUE(std::isnan(values[2]));
}

TEST(PreprocessLabel, RanksWithinTheDay) {
  Panel label(2, 3);
  label(0, 0) = 0.1, label(0, 1) = -0.2, label(0, 2) = 0.3;
  label(1, 0) = 5.0, label(1, 2) = 4.0;
  MaskPanel eligible(2, 3, 1);
  eligible(0, 2) = 0;
  const Panel ranked = preprocess_label(label, eligible, LabelStep::kCrossRankNorm);
  EXPECT_DOUBLE_EQ(ranked(0, 0), 1.73);
  EXPECT_DOUBLE_EQ(ranked(0, 1), 0.0);
  EXPECT_TRUE(std::isnan(ranked(0, 2)));
  EXPECT_TRUE(std::isnan(ranked(1, 1)));
  EXPECT_DOUBLE_EQ(ranked(1, 0), 1.73);
  const Panel same = preprocess_label(label, eligible, LabelStep::kNone);
  EXPECT_EQ(same(1, 2), 4.0);
  EXPECT_TRUE(std::isnan(same(0, 2)));
}

TEST(Steps, AreReadByName) {
  EXPECT_EQ(parse_feature_step("robust_zscore").kind, Kind::kRobustZScore);
  EXPECT_EQ(parse_feature_step("clip", 3.0), (FeatureStep{Kind::kClip, 3.0}));
  EXPECT_EQ(parse_label_step("cs_rank_norm"), LabelStep::kCrossRankNorm);
  EXPECT_THROW(parse_feature_step("clip"), Error);
  EXPECT_THROW(parse_feature_step("clip", -1.0), Error);
  EXPECT_THROW(parse_feature_step("zscore", 1.0), Error);
  EXPECT_THROW(parse_label_step("rank"), Error);
  try {
    parse_feature_step("robust_zscor");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'robust_zscore'"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace orrery::preprocess_test
