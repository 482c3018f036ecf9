#include "orrery/ml/dataset.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::dataset_test {
namespace {

/// 20 features over 12 sessions of 37 instruments, some of them not eligible, some without label.
struct Case {
  FactorFrame features;
  MaskPanel eligible{12, 37};
  Panel label{12, 37};
  FittedFeatures steps;

  Case() {
    Random random(4);
    for (int f = 0; f < 20; ++f) {
      features.names.push_back(fmt::format("f{}", f));
      features.panels.emplace_back(12, 37);
    }
    for (std::size_t row = 0; row < 12; ++row) {
      for (std::size_t i = 0; i < 37; ++i) {
        eligible(row, i) = row == 5 || random.below(5) == 0 ? 0 : 1;
        if (random.below(7) != 0) label(row, i) = random.normal();
        for (auto& panel : features.panels) panel(row, i) = static_cast<float>(random.normal());
      }
    }
    const auto kind = FeatureStep::Kind::kRobustZScore;
    steps = fit_features(features, eligible, {0, 12}, {{kind, 0}, {FeatureStep::Kind::kCrossRank, 0}}, 1);
  }
};

TEST(Dataset, HoldsEligibleLabelledCellsByDateThenSymbol) {
  const Case c;
  const Dataset data(c.features, c.steps, c.eligible, {2, 11}, &c.label);
  std::vector<Sample> expected;
  for (std::uint32_t row = 2; row < 11; ++row) {
    for (std::uint32_t i = 0; i < 37; ++i) {
      if (c.eligible(row, i) != 0 && std::isfinite(c.label(row, i))) expected.push_back({row, i});
    }
  }
  EXPECT_EQ(data.samples(), expected);
  for (std::size_t s = 0; s < data.size(); ++s) {
    EXPECT_EQ(data.labels()[s], c.label(expected[s].row, expected[s].instrument));
  }
  ASSERT_EQ(data.groups().size(), 9u);  // eight sessions with samples: the sixth has none
  for (std::size_t g = 0; g + 1 < data.groups().size(); ++g) {
    for (std::size_t s = data.groups()[g]; s < data.groups()[g + 1]; ++s) {
      EXPECT_EQ(data.samples()[s].row, data.samples()[data.groups()[g]].row);
    }
  }
  EXPECT_GT(Dataset(c.features, c.steps, c.eligible, {2, 11}).size(), data.size());
}

TEST(Dataset, ReadsTheSameValuesByRowsByFeaturesAndByCells) {
  const Case c;
  const Dataset data(c.features, c.steps, c.eligible, {0, 12}, &c.label);
  std::vector<float> whole(data.size() * 20);
  data.read_rows(0, data.size(), whole.data(), 2);
  for (std::size_t f = 0; f < 20; ++f) {
    std::vector<float> column(data.size());
    data.read_feature(f, column);
    for (std::size_t s = 0; s < data.size(); ++s) {
      EXPECT_EQ(whole[s * 20 + f], column[s]);
      std::vector<float> session(c.features.panels[f].row(data.samples()[s].row).begin(),
                                 c.features.panels[f].row(data.samples()[s].row).end());
      c.steps.apply(f, c.eligible.row(data.samples()[s].row), session);
      EXPECT_EQ(column[s], session[data.samples()[s].instrument]);
    }
  }
  for (std::size_t begin = 0; begin < data.size(); begin += 13) {
    const std::size_t count = std::min<std::size_t>(13, data.size() - begin);
    std::vector<float> part(count * 20);
    data.read_rows(begin, count, part.data(), 1);
    EXPECT_TRUE(
        std::equal(part.begin(), part.end(), whole.begin() + static_cast<std::ptrdiff_t>(begin * 20)));
  }
}

TEST(Dataset, MayBeEmpty) {
  const Case c;
  const Dataset data(c.features, c.steps, c.eligible, {5, 6}, &c.label);
  EXPECT_EQ(data.size(), 0u);
  EXPECT_EQ(data.groups(), std::vector<std::size_t>{0});
  data.read_rows(0, 0, nullptr, 1);
}

TEST(Dataset, RefusesWeightsThatCannotBe) {
  const Case c;
  Dataset data(c.features, c.steps, c.eligible, {0, 12}, &c.label);
  EXPECT_THROW(data.set_weights({1.0F}), Error);
  EXPECT_THROW(data.set_weights(std::vector<float>(data.size(), -1.0F)), Error);
  data.set_weights(std::vector<float>(data.size(), 2.0F));
  EXPECT_EQ(data.weights().size(), data.size());
}

}  // namespace
}  // namespace orrery::dataset_test
