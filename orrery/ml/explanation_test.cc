// Contributions summed up, permutation importance and partial dependence on models that are known.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/contribution_summary.h"
#include "orrery/ml/partial_dependence.h"
#include "orrery/ml/permutation_importance.h"
#include "orrery/ml/rank_correlation.h"
#include "orrery/ml/sample_table.h"
#include "testing/planted_signal.h"

namespace orrery::explanation_test {
namespace {

using testing::PlantedStudy;

using Formula = std::function<double(std::span<const float> features)>;

/// A model that is a formula of the sample's features; of each feature alone it can say what it adds.
class FormulaModel final : public Model {
 public:
  explicit FormulaModel(Formula formula, std::size_t sessions_read = 1)
      : formula_(std::move(formula)), sessions_read_(sessions_read) {}

  FitReport fit(const Dataset&, const Dataset*, const FitContext&) override { return {}; }
  void save(const std::filesystem::path&) const override {}
  void load(const std::filesystem::path&) override {}
  ModelDescription describe() const override {
    ModelDescription description;
    description.name = "formula";
    description.sessions_read = sessions_read_;
    return description;
  }

  /// The formula's mean over the sessions read, as far as the instrument was eligible.
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override {
    const Dataset history = data.with_history(sessions_read_ - 1);
    const auto rows = read(history, threads);
    const std::size_t width = data.feature_count();
    for (std::size_t i = 0; i < data.size(); ++i) {
      std::vector<double> values;
      for (std::size_t h = 0; h < history.size(); ++h) {
        const Sample cell = history.samples()[h], own = data.samples()[i];
        if (cell.instrument != own.instrument || cell.row > own.row || cell.row + sessions_read_ <= own.row)
          continue;
        values.push_back(formula_(std::span(rows).subspan(h * width, width)));
      }
      out[i] = mean(values);
    }
    return {};
  }

  std::optional<ExplanationMethod> explanation() const override {
    return ExplanationMethod{"formula", "", 0.0};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override {
    const auto rows = read(data, threads);
    const std::size_t width = data.feature_count();
    for (std::size_t i = 0; i < data.size(); ++i) {
      for (std::size_t f = 0; f < width; ++f) {
        std::vector<float> alone(width, 0.0F);
        alone[f] = rows[i * width + f];
        out[i * (width + 1) + f] = formula_(alone);
      }
      out[i * (width + 1) + width] = 0.25;
    }
    return {};
  }

 private:
  static std::vector<float> read(const Dataset& data, int threads) {
    std::vector<float> rows(data.size() * data.feature_count());
    data.read_rows(0, data.size(), rows.data(), threads);
    return rows;
  }

  Formula formula_;
  std::size_t sessions_read_;
};

double linear(std::span<const float> x) {
  return 2.0 * static_cast<double>(x[0]) - static_cast<double>(x[1]);
}

TEST(RankCorrelation, EqualsScipy) {
  // scipy 1.17 spearmanr
  const std::vector<double> x{1, 2, 2, 5, -3, 0.5, 7}, y{2, 1, 4, 4, 4, -1, 9};
  EXPECT_NEAR(rank_correlation(x, y), 0.5422692542049051, 1e-15);
  EXPECT_TRUE(std::isnan(rank_correlation(std::vector<double>(7, 1.0), y)));
  EXPECT_TRUE(std::isnan(rank_correlation({}, {})));
}

TEST(DrawPositions, TakesEveryPositionAsOften) {
  EXPECT_EQ(draw_positions(3, 5, 1), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_TRUE(draw_positions(0, 5, 1).empty());
  constexpr std::size_t kSize = 20, kDrawn = 5, kDraws = 20000;
  std::vector<double> counts(kSize);
  for (std::size_t draw = 0; draw < kDraws; ++draw) {
    const auto positions = draw_positions(kSize, kDrawn, draw);
    ASSERT_EQ(positions.size(), kDrawn);
    ASSERT_TRUE(std::is_sorted(positions.begin(), positions.end()));
    for (const std::size_t position : positions) counts[position] += 1.0;
  }
  // Binomial: 20,000 draws with a chance of a quarter deviate by 61; five deviations.
  for (const double count : counts) EXPECT_NEAR(count, 5000.0, 305.0);
  EXPECT_EQ(draw_positions(1000, 10, 3), draw_positions(1000, 10, 3));
  EXPECT_NE(draw_positions(1000, 10, 3), draw_positions(1000, 10, 4));
}

TEST(Dataset, ReadsAReplacedFeatureWithoutSteps) {
  const PlantedStudy study;
  const FittedFeatures steps = fit_features(study.features, study.eligible, RowRange{0, 80},
                                            {{FeatureStep::Kind::kCrossRank, 0.0}}, 1);
  const Dataset data(study.features, steps, study.eligible, RowRange{100, 110});
  const FloatPanel sevens(120, 40, 7.0F);
  const Dataset replaced = data.with_feature(2, sevens);
  for (const Dataset& each : {replaced, replaced.with_history(3)}) {
    std::vector<float> rows(each.size() * 6), column(each.size()), plain(each.size());
    each.read_rows(0, each.size(), rows.data(), 2);
    each.read_feature(2, column);
    EXPECT_EQ(column, std::vector<float>(each.size(), 7.0F));
    for (std::size_t i = 0; i < each.size(); ++i) EXPECT_EQ(rows[i * 6 + 2], 7.0F);
    each.read_feature(1, plain);
    for (std::size_t i = 0; i < each.size(); ++i) EXPECT_EQ(rows[i * 6 + 1], plain[i]);
    EXPECT_LT(*std::max_element(plain.begin(), plain.end()), 1.8F);
  }
  // It goes along with its column, and is gone with it.
  std::vector<float> kept(data.size()), other(data.size()), plain(data.size());
  replaced.with_columns({0, 2}).read_feature(1, kept);
  replaced.with_columns({0, 3}).read_feature(1, other);
  data.read_feature(3, plain);
  EXPECT_EQ(kept, std::vector<float>(data.size(), 7.0F));
  EXPECT_EQ(other, plain);
  EXPECT_THROW(data.with_feature(6, sevens), Error);
  EXPECT_THROW(data.with_feature(0, FloatPanel(3, 3)), Error);
}

TEST(SampleTable, PredictsAsTheDataSetDoes) {
  const PlantedStudy study;
  const FittedFeatures steps = fit_features(study.features, study.eligible, RowRange{0, 80},
                                            {{FeatureStep::Kind::kCrossRank, 0.0}}, 1);
  const Dataset data(study.features, steps, study.eligible, RowRange{3, 110});
  const auto positions = draw_positions(data.size(), 150, 8);
  for (const std::size_t sessions : {1U, 6U}) {
    const FormulaModel model(linear, sessions);
    std::vector<double> whole(data.size()), few(positions.size());
    model.predict(data, whole, 1);
    const SampleTable table(data, positions, sessions, 2);
    model.predict(table.data(), few, 1);
    for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(few[i], whole[positions[i]]);
    std::vector<float> column(data.size());
    data.read_feature(4, column);
    for (std::size_t i = 0; i < few.size(); ++i) EXPECT_EQ(table.feature(4)[i], column[positions[i]]);
  }
}

TEST(ContributionSummary, TellsSizesAndDirections) {
  const PlantedStudy study({.missing_share = 0.1});
  const Dataset data = study.predict({100, 120});
  const SampleTable table(data, draw_positions(data.size(), 300, 5), 1, 1);
  const FormulaModel model([](std::span<const float> x) {
    const auto known = [&](std::size_t f) { return std::isnan(x[f]) ? 0.0 : static_cast<double>(x[f]); };
    return 2.0 * known(0) - 0.5 * known(1) + 1.0 * known(2) * known(2);
  });
  const auto summary = summarize_contributions(model, table, 2);
  EXPECT_EQ(summary.base, 0.25);
  ASSERT_EQ(summary.features.size(), 6U);
  double sum = 0.0;
  for (const float value : table.feature(1))
    sum += std::isnan(value) ? 0.0 : std::fabs(0.5 * static_cast<double>(value));
  EXPECT_NEAR(summary.features[1].mean_size, sum / 300.0, 1e-15);
  EXPECT_NEAR(summary.features[0].relation, 1.0, 1e-15);
  EXPECT_NEAR(summary.features[1].relation, -1.0, 1e-15);
  EXPECT_LT(std::fabs(summary.features[2].relation), 0.2);  // symmetric: large either way
  EXPECT_EQ(summary.features[3].mean_size, 0.0);
  EXPECT_TRUE(std::isnan(summary.features[3].relation));
}

/// The rank IC of one session that every order of a feature's values gives on average, by trying all.
double mean_over_all_orders(const Dataset& session, const Panel& outcome, std::size_t feature) {
  std::vector<float> rows(session.size() * session.feature_count());
  session.read_rows(0, session.size(), rows.data(), 1);
  std::vector<std::size_t> order(session.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::vector<double> earned;
  for (const Sample& sample : session.samples()) earned.push_back(outcome(sample.row, sample.instrument));
  std::vector<double> all;
  do {
    std::vector<double> scores;
    for (std::size_t i = 0; i < session.size(); ++i) {
      std::vector<float> x(rows.begin() + static_cast<std::ptrdiff_t>(i * session.feature_count()),
                           rows.begin() + static_cast<std::ptrdiff_t>((i + 1) * session.feature_count()));
      x[feature] = rows[order[i] * session.feature_count() + feature];
      scores.push_back(linear(x));
    }
    all.push_back(rank_correlation(scores, earned));
  } while (std::next_permutation(order.begin(), order.end()));
  return mean(all);
}

TEST(PermutationImportance, IsTheMeanOverAllOrders) {
  PlantedStudy study({.rows = 4, .instruments = 6, .seed = 3});
  study.eligible = MaskPanel(4, 6, std::uint8_t{1});
  const Dataset data = study.predict({0, 4});
  const FormulaModel model(linear);
  LibrarySeconds seconds;
  constexpr int kRepeats = 4000;
  const auto report = permutation_importance(model, data, study.label, {{1, 0, 3}, kRepeats, 17, 1}, seconds);
  ASSERT_EQ(report.sessions, 4U);
  ASSERT_EQ(report.features.size(), 3U);
  for (const std::size_t i : {0U, 1U}) {
    const std::size_t feature = i == 0 ? 1 : 0;
    double expected = 0.0;
    for (std::size_t row = 0; row < 4; ++row) {
      expected += mean_over_all_orders(study.predict({row, row + 1}), study.label, feature) / 4.0;
    }
    const auto& found = report.features[i];
    EXPECT_EQ(found.feature, study.features.names[feature]);
    EXPECT_NEAR(found.mean_drop, report.rank_ic - expected, 4.0 * found.deviation / std::sqrt(kRepeats));
  }
  // What the model does not read drops nothing.
  EXPECT_EQ(report.features[2].mean_drop, 0.0);
  EXPECT_EQ(report.features[2].deviation, 0.0);
}

TEST(PermutationImportance, DependsOnTheSeedAlone) {
  const PlantedStudy study;
  const Dataset data = study.predict({100, 120});
  for (const std::size_t sessions : {1U, 3U}) {
    const FormulaModel model(linear, sessions);
    const auto drop = [&](std::uint64_t seed, int threads) {
      LibrarySeconds seconds;
      return permutation_importance(model, data, study.label, {{0}, 2, seed, threads}, seconds)
          .features[0]
          .mean_drop;
    };
    EXPECT_EQ(drop(1, 1), drop(1, 3));
    EXPECT_NE(drop(1, 1), drop(2, 1));
    EXPECT_GT(drop(1, 1), 0.1);
  }
}

TEST(PartialDependence, IsTheMeanOverTheSamples) {
  const PlantedStudy study({.missing_share = 0.05});
  const Dataset data = study.predict({100, 120});
  SampleTable table(data, draw_positions(data.size(), 200, 2), 1, 1);
  const Formula formula = [](std::span<const float> x) {
    const auto a = static_cast<double>(x[0]), b = static_cast<double>(x[1]);
    return std::isnan(x[1]) ? a * a : a * a + a * b;
  };
  const FormulaModel model([&](std::span<const float> x) { return std::isnan(x[0]) ? 9.0 : formula(x); });
  LibrarySeconds seconds;
  const std::vector<double> quantiles{0.1, 0.5, 0.5, 0.9};
  const auto found = partial_dependence(model, table, 0, quantiles, 1, seconds);
  ASSERT_EQ(found.values.size(), 3U);  // each value once
  EXPECT_EQ(found.feature, "f0");
  std::vector<double> known;
  for (const float value : table.feature(0)) {
    if (!std::isnan(value)) known.push_back(static_cast<double>(value));
  }
  for (std::size_t point = 0; point < 3; ++point) {
    const std::vector<double> p{0.1, 0.5, 0.9};
    EXPECT_EQ(found.values[point], static_cast<double>(static_cast<float>(quantile(known, p[point]))));
    std::vector<double> scores;
    for (const float other : table.feature(1)) {
      const std::vector<float> x{static_cast<float>(found.values[point]), other};
      scores.push_back(formula(x));
    }
    EXPECT_NEAR(found.scores[point], mean(scores), 1e-14);
  }
  std::vector<double> plain(table.size());
  model.predict(table.data(), plain, 1);
  EXPECT_EQ(found.mean_score, mean(plain));  // and the table is as before
}

}  // namespace
}  // namespace orrery::explanation_test
