#include "orrery/ml/sample_weights.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"
#include "orrery/ml/walk_forward.h"
#include "testing/planted_signal.h"

namespace orrery::sample_weights_test {
namespace {

using testing::PlantedStudy;

/// One name whose labels end where told; 0: no label.
struct OneName {
  FactorFrame features;
  FittedFeatures no_steps;
  MaskPanel eligible;
  Panel label;
  RowPanel last_rows;
  explicit OneName(const std::vector<std::uint32_t>& ends)
      : eligible(ends.size(), 1, 1), label(ends.size(), 1), last_rows(ends.size(), 1) {
    for (std::size_t row = 0; row < ends.size(); ++row) {
      last_rows(row, 0) = ends[row];
      if (ends[row] > 0) label(row, 0) = 1.0;
    }
  }
  Dataset data() const { return {features, no_steps, eligible, RowRange{0, label.rows()}, &label}; }
};

// Worked by hand. Entry at t + 1; labels of rows 0, 1 and 4 end on rows 4, 3 and 6, so that they are made of
// the sessions
//   row 0: 2, 3, 4      row 1: 3      row 4: 6
// of which session 3 is in two labels. Row 0: (1 + 1/2 + 1) / 3 = 5/6. Row 1: 1/2. Row 4: 1.
TEST(SampleWeights, FollowTheirDefinition) {
  const OneName name({4, 3, 0, 0, 6, 0, 0});
  const LabelLives lives{1, 5, &name.last_rows};
  const auto unique = average_uniqueness(name.data(), lives);
  ASSERT_EQ(unique.size(), 3u);
  EXPECT_NEAR(unique[0], 5.0 / 6.0, 1e-15);
  EXPECT_NEAR(unique[1], 0.5, 1e-15);
  EXPECT_NEAR(unique[2], 1.0, 1e-15);
  const auto weights = sample_weights(name.data(), {true, std::nullopt}, lives);
  EXPECT_NEAR(weights[0] + weights[1] + weights[2], 3.0F, 1e-6F);
  EXPECT_NEAR(weights[1] / weights[2], 0.5F, 1e-6F);
}

TEST(SampleWeights, ALabelOfOneSessionIsUnique) {
  const PlantedStudy study;
  for (const double value : average_uniqueness(study.learn({0, 80}), {1, 2, nullptr})) EXPECT_EQ(value, 1.0);
}

/// The book's snippets 4.1 and 4.2, read literally: an indicator matrix of sessions by labels, for each name
/// by itself.
std::vector<double> by_indicator_matrix(const Dataset& data, const RowPanel& last_rows, std::size_t entry) {
  std::map<std::uint32_t, std::vector<std::size_t>> names;
  for (std::size_t i = 0; i < data.size(); ++i) names[data.samples()[i].instrument].push_back(i);
  std::vector<double> result(data.size());
  for (const auto& [name, samples] : names) {
    std::vector<std::vector<double>> indicator(data.row_count(), std::vector<double>(samples.size(), 0.0));
    for (std::size_t k = 0; k < samples.size(); ++k) {
      const std::size_t row = data.samples()[samples[k]].row;
      for (std::size_t t = row + entry + 1; t <= last_rows(row, name); ++t) indicator[t][k] = 1.0;
    }
    for (std::size_t k = 0; k < samples.size(); ++k) {
      double sum = 0.0, sessions = 0.0;
      for (const auto& row : indicator) {
        if (row[k] == 0.0) continue;
        double together = 0.0;
        for (const double other : row) together += other;
        sum += row[k] / together;
        sessions += 1.0;
      }
      result[samples[k]] = sum / sessions;
    }
  }
  return result;
}

TEST(SampleWeights, EqualTheBooksIndicatorMatrix) {
  PlantedStudy study;
  RowPanel last_rows(120, 40);
  Random random(3);
  for (std::size_t row = 0; row < 120; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      last_rows(row, i) = static_cast<std::uint32_t>(std::min<std::size_t>(119, row + 2 + random.below(9)));
      if (random.below(5) == 0 || row > 116) study.label(row, i) = kNaN;
    }
  }
  const Dataset data = study.learn({10, 110});
  const auto found = average_uniqueness(data, {1, 10, &last_rows});
  const auto expected = by_indicator_matrix(data, last_rows, 1);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) ASSERT_NEAR(found[i], expected[i], 1e-14);
}

TEST(SampleWeights, HalveWithEveryHalfLife) {
  const OneName name({2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 0});
  const auto weights = sample_weights(name.data(), {false, 4.0}, {1, 2, nullptr});
  double sum = 0.0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += static_cast<double>(weights[i]);
    if (i >= 4) {
      EXPECT_NEAR(weights[i - 4] / weights[i], 0.5F, 1e-6F);
    }
  }
  EXPECT_NEAR(sum, static_cast<double>(weights.size()), 1e-5);
  EXPECT_THROW(sample_weights(name.data(), {false, 0.0}, {1, 2, nullptr}), Error);
}

/// Keeps the weights it was shown.
class Scales final : public Model {
 public:
  explicit Scales(std::vector<std::vector<float>>& seen) : seen_(seen) {}
  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& /*context*/) override {
    seen_.emplace_back(train.weights().begin(), train.weights().end());
    EXPECT_TRUE(valid == nullptr || valid->weights().empty());
    return {};
  }
  PredictReport predict(const Dataset& /*data*/, std::span<double> out, int /*threads*/) const override {
    std::fill(out.begin(), out.end(), 0.0);
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {"scales", Task::kRegression, {}, {}}; }

 private:
  std::vector<std::vector<float>>& seen_;
};

TEST(SampleWeights, ReachTheModelAndKnowNothingLater) {
  PlantedStudy study;
  RowPanel ends(120, 40);
  Random random(8);
  for (std::size_t row = 0; row < 120; ++row) {
    for (std::size_t i = 0; i < 40; ++i) ends(row, i) = static_cast<std::uint32_t>(row + 2 + random.below(6));
  }
  std::vector<std::vector<float>> seen;
  const ModelEntry entry{{"scales", "", {}, {}, "", true},
                         [&seen](const ParameterMap&) { return std::make_unique<Scales>(seen); }};
  WalkForwardSpec spec;
  spec.folds = {{{0, 50}, {50, 65}, {65, 80}}};
  const auto walk = [&] {
    walk_forward(study.features, study.label, study.eligible, spec, entry, silent_progress(), &ends);
  };
  walk();
  spec.weights = {true, 30.0};
  spec.label_entry_rows = 1;
  walk();
  // What reaches over the boundary is not known yet, so that it makes nothing less unique either.
  for (std::size_t row = 0; row < 50; ++row) {
    for (std::size_t i = 0; i < 40; ++i) {
      if (ends(row, i) >= 50) ends(row, i) = 119;
    }
  }
  walk();
  ASSERT_EQ(seen.size(), 3u);
  EXPECT_TRUE(seen[0].empty());
  ASSERT_FALSE(seen[1].empty());
  EXPECT_EQ(seen[1], seen[2]);
}

/// Snippet 4.11 for one instrument, word for word: slope and constant of a line over the summed uniqueness.
std::vector<double> time_decay(const std::vector<double>& uniqueness, double last) {
  std::vector<double> summed;
  double sum = 0.0;
  for (const double value : uniqueness) summed.push_back(sum += value);
  const double slope = last >= 0.0 ? (1.0 - last) / summed.back() : 1.0 / ((last + 1.0) * summed.back());
  const double constant = 1.0 - slope * summed.back();
  for (double& value : summed) value = std::max(0.0, constant + slope * value);
  return summed;
}

TEST(LinearDecay, IsTheBooksForOneInstrument) {
  const testing::PlantedStudy study({.rows = 30, .instruments = 1});
  const Dataset data = study.learn({0, 30});
  const auto uniqueness = average_uniqueness(data, {0, 4});
  for (const double last : {1.0, 0.75, 0.0, -0.25, -0.8}) {
    const auto expected = time_decay(uniqueness, last);
    const auto found = linear_decay(data, uniqueness, last);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-14) << last;
    EXPECT_EQ(found.back(), 1.0);
  }
  EXPECT_EQ(linear_decay(data, uniqueness, -0.8).front(), 0.0);
  EXPECT_THROW(linear_decay(data, uniqueness, -1.0), Error);
  EXPECT_THROW(linear_decay(data, uniqueness, 1.1), Error);
}

TEST(LinearDecay, AgesAllSamplesOfASessionAlikeAndGoesIntoTheWeights) {
  const testing::PlantedStudy study({.rows = 20, .instruments = 5});
  const Dataset data = study.learn({0, 20});
  const auto factors = linear_decay(data, average_uniqueness(data, {0, 1}), 0.5);
  const auto weights = sample_weights(data, WeightSpec{false, {}, 0.5}, {0, 1});
  double sum = 0.0;
  for (const double factor : factors) sum += factor;
  for (std::size_t i = 0; i < data.size(); ++i) {
    EXPECT_NEAR(weights[i], factors[i] * static_cast<double>(data.size()) / sum, 1e-6);
    if (i == 0) continue;
    EXPECT_GE(factors[i], factors[i - 1]);
    const bool same_session = data.samples()[i].row == data.samples()[i - 1].row;
    EXPECT_EQ(factors[i] == factors[i - 1], same_session);
  }
}

}  // namespace
}  // namespace orrery::sample_weights_test
