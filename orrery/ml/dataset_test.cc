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

/// All features of all samples.
std::vector<float> read_all(const Dataset& data) {
  std::vector<float> values(data.size() * data.feature_count());
  data.read_rows(0, data.size(), values.data(), 2);
  return values;
}

TEST(Dataset, WithinIsWhatTheRowsAloneWouldBe) {
  const Case c;
  Dataset whole(c.features, c.steps, c.eligible, {1, 12}, &c.label);
  std::vector<float> weights(whole.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = static_cast<float>(whole.samples()[i].row);
  whole.set_weights(weights);
  RowRanges rows(2, 4);
  rows.append({7, 9});
  const Dataset part = whole.within(rows);
  const Dataset expected(c.features, c.steps, c.eligible, rows, &c.label);
  EXPECT_EQ(part.samples(), expected.samples());
  EXPECT_EQ(part.groups(), expected.groups());
  EXPECT_TRUE(std::equal(part.labels().begin(), part.labels().end(), expected.labels().begin(),
                         expected.labels().end()));
  EXPECT_EQ(read_all(part), read_all(expected));
  for (std::size_t i = 0; i < part.size(); ++i) {
    EXPECT_EQ(part.weights()[i], static_cast<float>(part.samples()[i].row));
  }
  EXPECT_EQ(whole.within({5, 6}).size(), 0u);
}

TEST(Dataset, WithColumnsKeepsEachFeaturesOwnSteps) {
  const Case c;
  const Dataset whole(c.features, c.steps, c.eligible, {2, 11}, &c.label);
  const std::vector<std::size_t> chosen = {3, 17, 18};
  const Dataset some = whole.with_columns(chosen);
  EXPECT_EQ(some.feature_names(), (std::vector<std::string>{"f3", "f17", "f18"}));
  const auto all = read_all(whole);
  const auto values = read_all(some);
  std::vector<float> column(some.size());
  for (std::size_t f = 0; f < chosen.size(); ++f) {
    some.read_feature(f, column);
    for (std::size_t s = 0; s < some.size(); ++s) {
      EXPECT_EQ(values[s * chosen.size() + f], all[s * whole.feature_count() + chosen[f]]);
      EXPECT_EQ(column[s], values[s * chosen.size() + f]);
    }
  }
  const Dataset history = some.with_columns({1}).with_history(1);
  const Dataset wide_history = whole.with_history(1);
  const auto narrow = read_all(history);
  const auto wide = read_all(wide_history);
  for (std::size_t s = 0; s < history.size(); ++s) EXPECT_EQ(narrow[s], wide[s * 20 + 17]);
}

TEST(Dataset, OnFeaturesKeepsSamplesAndLabels) {
  const Case c;
  const Dataset data(c.features, c.steps, c.eligible, {2, 11}, &c.label);
  FactorFrame other;
  other.names = {"score"};
  other.panels.emplace_back(12, 37);
  for (const Sample& sample : data.samples())
    other.panels[0](sample.row, sample.instrument) = static_cast<float>(sample.row * 100 + sample.instrument);
  const Dataset on = data.on_features(other);
  EXPECT_EQ(on.samples(), data.samples());
  EXPECT_EQ(on.labels().size(), data.labels().size());
  const auto values = read_all(on);
  for (std::size_t s = 0; s < on.size(); ++s)
    EXPECT_EQ(values[s], static_cast<float>(on.samples()[s].row * 100 + on.samples()[s].instrument));
  FactorFrame short_one;
  short_one.names = {"score"};
  short_one.panels.emplace_back(11, 37);
  EXPECT_THROW(data.on_features(short_one), Error);
}

}  // namespace
}  // namespace orrery::dataset_test
