#include "orrery/ml/cross_validation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "testing/planted_signal.h"

namespace orrery::cross_validation_test {
namespace {

using testing::PlantedStudy;

/// The sessions that every fitted model saw, by what it predicts: the number of its fit.
struct Notes {
  std::mutex mutex;
  std::map<double, std::set<std::size_t>> seen;
};

/// Predicts the mean of the sessions it learned from, which tells splits apart, plus the first feature.
class MeanModel final : public Model {
 public:
  explicit MeanModel(Notes* notes) : notes_(notes) {}
  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& /*context*/) override {
    std::set<std::size_t> rows;
    for (const auto& sample : train.samples()) rows.insert(sample.row);
    mean_ = 0.0;
    for (const auto row : rows) mean_ += static_cast<double>(row) / static_cast<double>(rows.size());
    if (valid != nullptr)
      for (const auto& sample : valid->samples()) rows.insert(sample.row);
    if (notes_ == nullptr) return {};
    const std::lock_guard lock(notes_->mutex);
    notes_->seen[mean_] = rows;
    return {};
  }
  PredictReport predict(const Dataset& data, std::span<double> out, int /*threads*/) const override {
    std::fill_n(out.begin(), data.size(), mean_);
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {"mean", Task::kRegression, {}, {}}; }

 private:
  Notes* notes_;
  double mean_ = 0.0;
};

/// Predicts 0.8 f0 - 0.5 f1 whatever it saw.
class TrueModel final : public Model {
 public:
  FitReport fit(const Dataset&, const Dataset*, const FitContext& context) override {
    context.progress.begin("rounds", 2);
    context.progress.advance(2);
    context.progress.end();
    return {};
  }
  PredictReport predict(const Dataset& data, std::span<double> out, int /*threads*/) const override {
    std::vector<float> first(data.size()), second(data.size());
    data.read_feature(0, first);
    data.read_feature(1, second);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.8 * first[i] - 0.5 * second[i];
    return {};
  }
  void save(const std::filesystem::path& /*folder*/) const override {}
  void load(const std::filesystem::path& /*folder*/) override {}
  ModelDescription describe() const override { return {"true", Task::kRegression, {}, {}}; }
};

ModelEntry mean_model(Notes* notes) {
  return {{"mean", "", {}, {}, "", true},
          [notes](const ParameterMap&) { return std::make_unique<MeanModel>(notes); }};
}

CrossValidationSpec six_choose_two() {
  CrossValidationSpec spec;
  spec.sample = {0, 120};
  spec.splits = {6, 2, 2, 3};
  spec.valid_share = 0.2;
  spec.threads = 1;
  return spec;
}

/// Every prediction comes from a model that saw no row whose label reaches the block, and every eligible cell
/// of every path has one.
TEST(CrossValidation, NoModelSawALabelOfItsTestBlock) {
  const PlantedStudy study;
  Notes notes;
  const auto spec = six_choose_two();
  const auto result = cross_validate(study.features, study.label, study.eligible, spec, mean_model(&notes));
  ASSERT_EQ(result.paths.size(), 5u);
  ASSERT_EQ(result.reports.size(), 15u);
  ASSERT_EQ(notes.seen.size(), 15u);
  for (const auto& path : result.paths) {
    for (std::size_t row = 0; row < 120; ++row) {
      const RowRange block = result.splits.blocks[row / 20];
      for (std::size_t i = 0; i < study.eligible.columns(); ++i) {
        ASSERT_EQ(std::isnan(path(row, i)), study.eligible(row, i) == 0);
        if (study.eligible(row, i) == 0) continue;
        for (const std::size_t seen : notes.seen.at(path(row, i)))
          ASSERT_TRUE(seen + 2 < block.begin || seen >= block.end + 2 + 3) << row << " " << seen;
      }
    }
  }
}

/// A path holds no model of another path at the same block, so that no prediction counts twice.
TEST(CrossValidation, PathsShareNoPrediction) {
  const PlantedStudy study;
  const auto result =
      cross_validate(study.features, study.label, study.eligible, six_choose_two(), mean_model(nullptr));
  for (const RowRange block : result.splits.blocks) {
    std::set<double> values;
    for (const auto& path : result.paths) {
      for (std::size_t i = 0; i < path.columns(); ++i)
        if (!std::isnan(path(block.begin, i))) values.insert(path(block.begin, i));
    }
    EXPECT_EQ(values.size(), 5u);
  }
}

TEST(CrossValidation, IsTheSameForAnyNumberOfThreads) {
  const PlantedStudy study;
  auto spec = six_choose_two();
  spec.preprocess.features = {{FeatureStep::Kind::kRobustZScore, 0.0}};
  spec.selection = SelectionSpec{SelectionSpec::By::kIc, 3, 0.9};
  const auto one = cross_validate(study.features, study.label, study.eligible, spec, mean_model(nullptr));
  for (const int threads : {2, 5, 40}) {
    spec.threads = threads;
    const auto many = cross_validate(study.features, study.label, study.eligible, spec, mean_model(nullptr));
    for (std::size_t path = 0; path < one.paths.size(); ++path) {
      for (std::size_t row = 0; row < 120; ++row) {
        for (std::size_t i = 0; i < study.eligible.columns(); ++i) {
          const double a = one.paths[path](row, i);
          const double b = many.paths[path](row, i);
          ASSERT_TRUE(a == b || (std::isnan(a) && std::isnan(b)));
        }
      }
    }
  }
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  const double mean_x = mean(x);
  const double mean_y = mean(y);
  double product = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) product += (x[i] - mean_x) * (y[i] - mean_y);
  return product / static_cast<double>(x.size() - 1) / standard_deviation(x) / standard_deviation(y);
}

/// A model that knows the planted signal has the IC that it was planted with on every path: the correlation
/// of 0.8 a - 0.5 b with itself plus noise of 0.5 is sqrt(0.89 / 1.14) = 0.8836. A path's mean of 120 daily
/// ICs of 36 names has a standard error of (1 - 0.8836²) / sqrt(36 × 120) = 0.0033; 5 of them are allowed.
TEST(CrossValidation, FindsAPlantedSignalOnEveryPath) {
  const PlantedStudy study;
  const ModelEntry entry{{"true", "", {}, {}, "", true},
                         [](const ParameterMap&) { return std::make_unique<TrueModel>(); }};
  const auto result = cross_validate(study.features, study.label, study.eligible, six_choose_two(), entry);
  for (const auto& path : result.paths) {
    std::vector<double> daily;
    for (std::size_t row = 0; row < 120; ++row) {
      std::vector<double> x, y;
      for (std::size_t i = 0; i < path.columns(); ++i) {
        if (study.eligible(row, i) == 0) continue;
        x.push_back(path(row, i));
        y.push_back(study.label(row, i));
      }
      daily.push_back(correlation(x, y));
    }
    EXPECT_NEAR(mean(daily), 0.8836, 0.0165);
  }
}

class StoppingProgress final : public Progress {
 public:
  void advance(std::size_t steps) override {
    if (steps == 0) throw user_error(ErrorCode::kCancelled, "stop");
  }
};

TEST(CrossValidation, StopsWithinASplit) {
  const PlantedStudy study;
  const ModelEntry entry{{"true", "", {}, {}, "", true},
                         [](const ParameterMap&) { return std::make_unique<TrueModel>(); }};
  StoppingProgress progress;
  auto spec = six_choose_two();
  spec.threads = 2;
  EXPECT_THROW(cross_validate(study.features, study.label, study.eligible, spec, entry, progress), Error);
}

TEST(CrossValidation, NamesTheSplitThatHasNoSamples) {
  PlantedStudy study;
  for (std::size_t row = 0; row < 80; ++row) {
    for (std::size_t i = 0; i < study.eligible.columns(); ++i) study.eligible(row, i) = 0;
  }
  try {
    cross_validate(study.features, study.label, study.eligible, six_choose_two(), mean_model(nullptr));
    FAIL() << "a split without samples was taken";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 6), "split ");
    EXPECT_NE(std::string(error.what()).find("no sample to"), std::string::npos);
  }
}

}  // namespace
}  // namespace orrery::cross_validation_test
