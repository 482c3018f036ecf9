// What every model must do. A new plug-in is picked up by itself.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/ensemble.h"
#include "orrery/ml/meta_model.h"
#include "orrery/ml/model_file.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/python_interpreter.h"
#include "testing/temporary_folder.h"

namespace orrery::conformance_test {
namespace {

using testing::fit_planted;
using testing::model_registry;
using testing::PlantedShape;
using testing::PlantedStudy;
using testing::predict_planted;

/// All models of the program, an ensemble of two, and one that takes sides with one that judges them.
const ModelRegistry& registry() {
  static const ModelRegistry models = [] {
    ModelRegistry all("model");
    for (const auto& name : model_registry().names()) all.add(name, model_registry().get(name));
    const ParameterMap rounds{{"num_iterations", std::int64_t{20}}};
    all.add(kEnsemble,
            ensemble_entry({{all.get("ridge"), {}, {"f[0-3]"}, 1}, {all.get("lightgbm"), rounds, {}, 2}}));
    all.add(kMeta, meta_entry({all.get("ridge"), {}}, {all.get("logistic"), {}}));
    return all;
  }();
  return models;
}
class ModelConformance : public ::testing::TestWithParam<std::string> {
 protected:
  const ModelEntry& entry() const { return registry().get(GetParam()); }
  /// As the planted study needs it: networks are small, since they learn as much in a tenth of the time.
  std::unique_ptr<Model> make() const { return make_model(entry(), few({})); }
  /// Few rounds, where the model has rounds, for tests that ask for no skill: threads of busy machines wait
  /// for each other at every one. Batches of several blocks, which threads share.
  std::unique_ptr<Model> make_small() const {
    return make_model(entry(), few({{"num_iterations", std::int64_t{8}},
                                    {"num_boost_round", std::int64_t{8}},
                                    {"epochs", std::int64_t{2}},
                                    {"batch_size", std::int64_t{700}}}));
  }
  /// Settings for the planted study, overlaid by `further`; those that a model does not declare are left out.
  ParameterMap few(const ParameterMap& further) const {
    ParameterMap wanted{{"epochs", std::int64_t{12}},
                        {"window", std::int64_t{3}},
                        {"hidden_size", std::int64_t{16}},
                        {"num_layers", std::int64_t{2}},
                        {"feedforward_size", std::int64_t{16}},
                        {"batch_size", std::int64_t{128}},
                        {"learning_rate", 0.01}};
    const auto declares = [&](const std::string& name) {
      const auto& all = entry().info.parameters;
      return std::any_of(all.begin(), all.end(),
                         [&](const ParameterInfo& info) { return info.name == name; });
    };
    if (!declares("epochs")) wanted.clear();
    for (const auto& [name, value] : further) wanted[name] = value;
    std::erase_if(wanted, [&](const auto& setting) { return !declares(setting.first); });
    return wanted;
  }
  /// A model that has learned what it can, and what fitting reported; fitted once in a process.
  struct Learned {
    std::unique_ptr<Model> model;
    FitReport report;
  };
  const Learned& learned() const {
    // Never destroyed: a library's own memory of a thread may be gone before what is destroyed at the end.
    static auto& models = *new std::map<std::string, Learned>;
    Learned& one = models[GetParam()];
    if (!one.model) {
      one.model = make();
      one.report = fit_planted(*one.model, study_, {0, 1});
    }
    return one;
  }
  std::unique_ptr<Model> fitted(const PlantedStudy& study) const {
    auto model = make_small();
    fit_planted(*model, study, {0, 1});
    return model;
  }
  /// With labels of 0 and 1 for a model that learns nothing else.
  PlantedStudy planted(PlantedShape shape = {}) const {
    shape.labels_events = make_model(entry(), {})->describe().task == Task::kBinary;
    return PlantedStudy(shape);
  }
  const PlantedStudy study_ = planted();
};

double correlation(const std::vector<double>& a, std::span<const double> b) {
  const auto n = static_cast<double>(a.size());
  double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sa += a[i], sb += b[i], saa += a[i] * a[i], sbb += b[i] * b[i], sab += a[i] * b[i];
  }
  return (sab - sa * sb / n) / std::sqrt((saa - sa * sa / n) * (sbb - sb * sb / n));
}

TEST_P(ModelConformance, DescribesItself) {
  const auto& info = entry().info;
  EXPECT_EQ(info.name, GetParam());
  EXPECT_FALSE(info.summary.empty());
  EXPECT_FALSE(info.source.empty());
  ParameterMap defaults;
  for (const auto& parameter : info.parameters) {
    EXPECT_FALSE(parameter.summary.empty()) << parameter.name;
    defaults[parameter.name] = parameter.default_value;
  }
  EXPECT_TRUE(check_model_parameters(info, defaults).empty());
  for (const auto& [alias, name] : info.aliases) {
    EXPECT_TRUE(defaults.contains(name)) << alias;
    EXPECT_FALSE(defaults.contains(alias)) << alias;
  }
  EXPECT_EQ(make()->describe().name, GetParam());
  EXPECT_EQ(make_model(entry(), {})->describe().parameters,
            make_model(entry(), defaults)->describe().parameters);
}

/// With dropout and passes, where the model has them, so that it says how unsure it is.
TEST_P(ModelConformance, DeviationsAreSound) {
  const auto model = make_model(entry(), few({{"num_iterations", std::int64_t{8}},
                                              {"num_boost_round", std::int64_t{8}},
                                              {"epochs", std::int64_t{2}},
                                              {"dropout", 0.3},
                                              {"dropout_passes", std::int64_t{8}}}));
  fit_planted(*model, study_, {0, 1});
  const Dataset asked = study_.learn({100, 120});
  std::vector<double> found(asked.size());
  const auto method = model->deviation_method();
  if (!method) {
    EXPECT_THROW(model->deviations(asked, found, 1), Error);
    return;
  }
  EXPECT_FALSE(method->name.empty());
  EXPECT_FALSE(method->source.empty());
  model->deviations(asked, found, 1);
  EXPECT_TRUE(std::all_of(found.begin(), found.end(),
                          [](double value) { return value >= 0.0 && std::isfinite(value); }));
  EXPECT_GT(*std::max_element(found.begin(), found.end()), *std::min_element(found.begin(), found.end()));

  std::vector<double> threaded(found.size());
  model->deviations(asked, threaded, 3);
  EXPECT_EQ(found, threaded);
  const Dataset part = study_.learn({110, 120});
  std::vector<double> alone(part.size());
  model->deviations(part, alone, 1);
  EXPECT_EQ(alone, std::vector<double>(found.end() - static_cast<std::ptrdiff_t>(alone.size()), found.end()));

  const testing::TemporaryFolder folder;
  model->save(folder.path());
  const auto loaded = make_model(entry(), model->describe().parameters);
  loaded->load(folder.path());
  std::vector<double> again(found.size());
  loaded->deviations(asked, again, 1);
  EXPECT_EQ(found, again);
}

TEST_P(ModelConformance, RefusesWrongParameters) {
  EXPECT_THROW(make_model(entry(), {{"no_such_setting", std::int64_t{1}}}), Error);
  const auto& first = entry().info.parameters.front();
  const bool is_text = std::holds_alternative<std::string>(first.default_value);
  const ParameterValue wrong = is_text ? ParameterValue(true) : ParameterValue(std::string("x"));
  EXPECT_THROW(make_model(entry(), {{first.name, wrong}}), Error);
  for (const auto& [alias, name] : entry().info.aliases) {
    ParameterMap twice;
    for (const auto& parameter : entry().info.parameters) {
      if (parameter.name == name) twice = {{name, parameter.default_value}, {alias, parameter.default_value}};
    }
    EXPECT_THROW(make_model(entry(), twice), Error) << alias;
  }
}

TEST_P(ModelConformance, LearnsAPlantedLinearSignal) {
  const PlantedStudy sizes;
  const Dataset truth = sizes.learn({100, 120});
  // The best possible correlation with these weights and this noise is 0.883; that of its sign 0.70.
  const bool estimates = learned().model->describe().task != Task::kRanking;
  EXPECT_GT(correlation(predict_planted(*learned().model, study_), truth.labels()), estimates ? 0.8 : 0.65);
}

/// 720 scores of nothing correlate with a standard error of 0.037.
TEST_P(ModelConformance, FindsNothingWhereNothingIsPlanted) {
  const PlantedStudy null = planted({.signal = 0.0});
  const auto model = fitted(null);
  const Dataset truth = null.learn({100, 120});
  const double found = correlation(predict_planted(*model, null), truth.labels());
  EXPECT_FALSE(std::fabs(found) > 4.0 * 0.037) << found;  // scores that are all the same have none
}

TEST_P(ModelConformance, ReportsTheFitInFeatureOrder) {
  const auto& [model, report] = learned();
  ASSERT_EQ(report.importance.size(), study_.features.names.size());
  for (std::size_t i = 0; i < report.importance.size(); ++i) {
    EXPECT_EQ(report.importance[i].feature, study_.features.names[i]);
    if (i > 0) {
      EXPECT_GT(report.importance[0].gain, report.importance[i].gain);
    }
  }
  EXPECT_LE(report.best_round, report.rounds);
  for (const auto& metric : report.metrics) {
    EXPECT_EQ(metric.train.size(), static_cast<std::size_t>(report.rounds));
    EXPECT_EQ(metric.valid.size(), static_cast<std::size_t>(report.rounds));
  }
  EXPECT_EQ(model->describe().features, study_.features.names);
}

TEST_P(ModelConformance, IsTheSameForASeedWhateverTheThreads) {
  const auto one = make_small();
  const auto two = make_small();
  const auto three = make_small();
  fit_planted(*one, study_, {7, 1});
  fit_planted(*two, study_, {7, 2});
  fit_planted(*three, study_, {7, 3});
  const auto scores = predict_planted(*one, study_, 1);
  EXPECT_EQ(predict_planted(*two, study_, 2), scores);
  EXPECT_EQ(predict_planted(*three, study_, 1), scores);
  const testing::TemporaryFolder a, b;
  one->save(a.path());
  two->save(b.path());
  EXPECT_EQ(read_file(a.path() / "model.orrery"), read_file(b.path() / "model.orrery"));
}

TEST_P(ModelConformance, FittingAgainStartsAfresh) {
  auto model = fitted(study_);
  const auto scores = predict_planted(*model, study_);
  fit_planted(*model, planted({.seed = 99}), {0, 1});
  EXPECT_NE(predict_planted(*model, study_), scores);
  fit_planted(*model, study_, {0, 1});
  EXPECT_EQ(predict_planted(*model, study_), scores);
}

TEST_P(ModelConformance, PredictsTheSameAfterSavingAndLoading) {
  const auto model = fitted(study_);
  const testing::TemporaryFolder folder;
  model->save(folder.path());
  auto loaded = make();
  loaded->load(folder.path());
  EXPECT_EQ(predict_planted(*loaded, study_), predict_planted(*model, study_));
  EXPECT_EQ(loaded->describe().parameters, model->describe().parameters);
  EXPECT_EQ(loaded->describe().features, model->describe().features);
  const testing::TemporaryFolder again;
  loaded->save(again.path());
  EXPECT_EQ(read_file(again.path() / "model.orrery"), read_file(folder.path() / "model.orrery"));
}

TEST_P(ModelConformance, PredictionOfASampleDependsOnNothingElse) {
  const auto model = fitted(study_);
  const auto whole = predict_planted(*model, study_);
  std::vector<double> parts;
  for (std::size_t row = 100; row < 120; ++row) {
    const Dataset session = study_.predict({row, row + 1});
    std::vector<double> scores(session.size());
    model->predict(session, scores, 1);
    parts.insert(parts.end(), scores.begin(), scores.end());
  }
  EXPECT_EQ(parts, whole);
}

TEST_P(ModelConformance, PredictionsDoNotDependOnLaterSessions) {
  const auto model = fitted(study_);
  const auto whole = predict_planted(*model, study_);
  PlantedStudy cut = study_;
  for (auto& panel : cut.features.panels) {
    for (std::size_t row = 110; row < panel.rows(); ++row) {
      for (std::size_t i = 0; i < panel.columns(); ++i) panel(row, i) = -panel(row, i);
    }
  }
  const Dataset before = cut.predict({100, 110});
  std::vector<double> scores(before.size());
  model->predict(before, scores, 1);
  EXPECT_EQ(scores,
            std::vector<double>(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(before.size())));
}

void expect_refused(Model& model, const std::filesystem::path& folder, const std::string& reason) {
  try {
    model.load(folder);
    ADD_FAILURE() << "loaded although " << reason;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt) << reason;
    EXPECT_NE(std::string(error.what()).find("model.orrery"), std::string::npos) << error.what();
  }
}

TEST_P(ModelConformance, RefusesDamagedTruncatedAndForeignFiles) {
  const testing::TemporaryFolder folder;
  const auto path = folder.path() / "model.orrery";
  auto model = fitted(study_);
  EXPECT_THROW(model->load(folder.path() / "nowhere"), Error);
  model->save(folder.path());
  const auto scores = predict_planted(*model, study_);
  const std::string good = read_file(path);
  for (const double share : {0.0, 0.01, 0.5, 0.99}) {
    write_file_atomically(path,
                          good.substr(0, static_cast<std::size_t>(share * static_cast<double>(good.size()))));
    expect_refused(*model, folder.path(), "it is cut short");
    std::string damaged = good;
    auto& byte = damaged[static_cast<std::size_t>(share * static_cast<double>(good.size()))];
    byte = static_cast<char>(byte ^ 1);
    write_file_atomically(path, damaged);
    expect_refused(*model, folder.path(), "a bit is wrong");
  }
  write_file_atomically(path, "\x89PNG\r\n\x1a\n");
  expect_refused(*model, folder.path(), "it is something else");
  for (const auto& other : registry().names()) {
    if (other == GetParam()) continue;
    // A whole file, but for what is in it: what it is of is found out first.
    write_model_file(folder.path(), {other, {}, study_.features.names, "content"});
    expect_refused(*model, folder.path(), "it is another model's");
  }
  // After all these refusals the model is as it was.
  EXPECT_EQ(predict_planted(*model, study_), scores);
}

TEST_P(ModelConformance, RefusesToWorkUnfitted) {
  const auto model = make();
  const testing::TemporaryFolder folder;
  EXPECT_THROW(predict_planted(*model, study_), Error);
  EXPECT_THROW(model->save(folder.path()), Error);
}

TEST_P(ModelConformance, RefusesDataItCannotLearnFrom) {
  auto model = make();
  const Dataset empty = study_.learn({5, 5});
  EXPECT_THROW(model->fit(empty, nullptr, {}), Error);
  const Dataset unlabelled = study_.predict({0, 80});
  EXPECT_THROW(model->fit(unlabelled, nullptr, {}), Error);
}

TEST_P(ModelConformance, RefusesOtherFeatures) {
  const auto model = fitted(study_);
  EXPECT_THROW(predict_planted(*model, planted({.features = 5})), Error);
}

TEST_P(ModelConformance, TreatsMissingValuesAsDeclared) {
  const PlantedStudy gaps = planted({.missing_share = 0.1});
  auto model = make_small();
  if (!entry().info.accepts_missing) {
    EXPECT_THROW(fit_planted(*model, gaps, {0, 1}), Error);
    return;
  }
  fit_planted(*model, gaps, {0, 1});
  for (const double score : predict_planted(*model, gaps)) EXPECT_TRUE(std::isfinite(score));
}

TEST_P(ModelConformance, FitsWithoutValidationAndWithWeights) {
  auto model = make_small();
  Dataset train = study_.learn({0, 80});
  model->fit(train, nullptr, {0, 1});
  const auto scores = predict_planted(*model, study_);
  std::vector<float> weights(train.size());
  for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = i % 2 == 0 ? 3.0F : 0.5F;
  train.set_weights(weights);
  model->fit(train, nullptr, {0, 1});
  EXPECT_NE(predict_planted(*model, study_), scores);
}

/// Every third sample weighs nothing.
std::vector<float> weights_with_zeros(std::size_t count) {
  std::vector<float> weights(count);
  for (std::size_t i = 0; i < count; ++i) weights[i] = i % 3 == 0 ? 0.0F : 0.5F + static_cast<float>(i % 5);
  return weights;
}

TEST_P(ModelConformance, LearnsNothingFromTheLabelOfASampleThatWeighsNothing) {
  const auto scores_of = [&](const PlantedStudy& study) {
    Dataset train = study.learn({0, 80});
    train.set_weights(weights_with_zeros(train.size()));
    const auto model = make_small();
    model->fit(train, nullptr, {0, 1});
    return predict_planted(*model, study);
  };
  PlantedStudy other = study_;
  const Dataset train = other.learn({0, 80});
  const bool events = make_small()->describe().task == Task::kBinary;
  for (std::size_t i = 0; i < train.size(); i += 3) {
    double& label = other.label(train.samples()[i].row, train.samples()[i].instrument);
    label = events ? 1.0 - label : 5.0 - 3.0 * label;
  }
  EXPECT_EQ(scores_of(other), scores_of(study_));
}

/// A few sessions: to split a score takes some models a hundred times as long as to give it.
constexpr RowRange kSplitRows{100, 104};

/// Contributions of those rows, row-major.
std::vector<double> split_planted(const Model& model, const PlantedStudy& study, int threads = 1) {
  const Dataset test = study.predict(kSplitRows);
  std::vector<double> out(test.size() * (test.feature_count() + 1), std::nan(""));
  model.contributions(test, out, threads);
  return out;
}

/// What a row of contributions must sum to.
double raw_score(const Model& model, double prediction) {
  return model.describe().task == Task::kBinary ? std::log(prediction / (1.0 - prediction)) : prediction;
}

void expect_sums(const Model& model, const PlantedStudy& study) {
  const auto parts = split_planted(model, study);
  const Dataset test = study.predict(kSplitRows);
  std::vector<double> scores(test.size());
  model.predict(test, scores, 1);
  const std::size_t width = study.features.names.size() + 1;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    double sum = 0.0, size = 0.0;
    for (std::size_t f = 0; f < width; ++f) {
      sum += parts[i * width + f];
      size += std::fabs(parts[i * width + f]);
    }
    EXPECT_NEAR(sum, raw_score(model, scores[i]), model.explanation()->tolerance * size);
  }
}

TEST_P(ModelConformance, ContributionsSumToTheScore) {
  const auto& model = *learned().model;
  if (!model.explanation()) {
    EXPECT_THROW(split_planted(model, study_), Error);
    return;
  }
  EXPECT_FALSE(model.explanation()->name.empty());
  EXPECT_FALSE(model.explanation()->source.empty());
  expect_sums(model, study_);
  if (entry().info.accepts_missing) expect_sums(model, PlantedStudy({.missing_share = 0.1}));
}

TEST_P(ModelConformance, ContributionsTellThePlantedFeatures) {
  const auto& model = *learned().model;
  if (!model.explanation()) return;  // that it refuses is tested above
  const auto parts = split_planted(model, study_);
  const Dataset test = study_.predict(kSplitRows);
  std::vector<float> column(test.size());
  const std::size_t width = study_.features.names.size() + 1;
  std::vector<double> sizes(width);
  for (std::size_t f = 0; f < width; ++f) {
    for (std::size_t i = 0; i < column.size(); ++i) sizes[f] += std::fabs(parts[i * width + f]);
  }
  for (std::size_t f = 2; f + 1 < width; ++f) EXPECT_LT(sizes[f], sizes[1]) << f;
  EXPECT_LT(sizes[1], sizes[0]);
  // The label grows with the first feature and falls with the second.
  for (const std::size_t f : {0U, 1U}) {
    test.read_feature(f, column);
    std::vector<double> own(column.size()), values(column.begin(), column.end());
    for (std::size_t i = 0; i < own.size(); ++i) own[i] = parts[i * width + f];
    EXPECT_GT((f == 0 ? 1.0 : -1.0) * correlation(own, values), 0.7) << f;
  }
}

TEST_P(ModelConformance, ContributionsAreTheSameWhateverTheThreadsAndAfterLoading) {
  const auto model = fitted(study_);
  if (!model->explanation()) return;
  const auto parts = split_planted(*model, study_);
  EXPECT_EQ(split_planted(*model, study_, 3), parts);
  const testing::TemporaryFolder folder;
  model->save(folder.path());
  auto loaded = make();
  EXPECT_THROW(split_planted(*loaded, study_), Error);
  loaded->load(folder.path());
  EXPECT_EQ(split_planted(*loaded, study_), parts);
  EXPECT_THROW(split_planted(*loaded, PlantedStudy({.features = 5})), Error);
}

/// Lines and neighbours leave such a sample out altogether; trees bin its features, networks give it a place
/// in a batch.
class SumsOfSamples : public ModelConformance {};

TEST_P(SumsOfSamples, LeaveOutASampleThatWeighsNothing) {
  Dataset weighing = study_.learn({0, 80});
  const auto weights = weights_with_zeros(weighing.size());
  weighing.set_weights(weights);
  PlantedStudy fewer = study_;
  for (std::size_t i = 0; i < weighing.size(); i += 3)
    fewer.label(weighing.samples()[i].row, weighing.samples()[i].instrument) = std::nan("");
  Dataset left = fewer.learn({0, 80});
  std::vector<float> others;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (i % 3 != 0) others.push_back(weights[i]);
  }
  left.set_weights(others);
  const auto with = make_small();
  const auto without = make_small();
  with->fit(weighing, nullptr, {0, 1});
  without->fit(left, nullptr, {0, 1});
  const auto scores = predict_planted(*with, study_);
  const auto expected = predict_planted(*without, study_);
  for (std::size_t i = 0; i < scores.size(); ++i) ASSERT_NEAR(scores[i], expected[i], 1e-9);
}

INSTANTIATE_TEST_SUITE_P(Some, SumsOfSamples,
                         ::testing::Values("ridge", "lasso", "elastic_net", "bayesian_ridge",
                                           "pca_regression", "logistic", "knn"));

INSTANTIATE_TEST_SUITE_P(All, ModelConformance, ::testing::ValuesIn(registry().names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace orrery::conformance_test
