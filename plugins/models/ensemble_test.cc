// Ensembles (orrery/ml/ensemble.h) of the models of this folder.

#include "orrery/ml/ensemble.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/ml/cross_section.h"
#include "orrery/ml/member_weights.h"
#include "orrery/ml/rank_ic.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/temporary_folder.h"

namespace orrery::ensemble_test {
namespace {

using testing::fit_planted;
using testing::model_registry;
using testing::PlantedStudy;
using testing::predict_planted;

EnsembleMember member(const std::string& name, const ParameterMap& parameters = {},
                      const std::vector<std::string>& features = {}, int seeds = 1) {
  return {model_registry().get(name), parameters, features, seeds};
}

/// A line on the first two features and one on the others, which know nothing.
std::vector<EnsembleMember> knowing_and_not() {
  return {member("ridge", {}, {"f0", "f1"}), member("ridge", {}, {"f[2-5]"})};
}

std::vector<double> scores_of(const EnsembleMember& one, const PlantedStudy& study, std::uint64_t seed = 0) {
  const auto model = make_model(ensemble_entry({one}), {});
  fit_planted(*model, study, {seed, 1});
  return predict_planted(*model, study);
}

std::string error_of(const std::function<void()>& work) {
  try {
    work();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(Ensemble, OfOneMemberIsThatMember) {
  const PlantedStudy study;
  const auto alone = make_model(model_registry().get("lightgbm"), {});
  fit_planted(*alone, study, {5, 1});
  EXPECT_EQ(scores_of(member("lightgbm"), study, 5), predict_planted(*alone, study));
}

TEST(Ensemble, AverageIsTheMeanOfWhatMembersSay) {
  const PlantedStudy study;
  const auto ridge = scores_of(member("ridge"), study);
  const auto trees = scores_of(member("lightgbm"), study);
  const auto both = make_model(ensemble_entry({member("ridge"), member("lightgbm")}), {});
  const FitReport report = fit_planted(*both, study, {0, 1});
  const auto scores = predict_planted(*both, study);
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_EQ(scores[i], 0.5 * ridge[i] + 0.5 * trees[i]);
  ASSERT_EQ(report.members.size(), 2u);
  EXPECT_EQ(report.members[0].name, "ridge");
  EXPECT_EQ(report.members[1].weight, 0.5);
}

TEST(Ensemble, OfTwoDeviatesByHalfTheirDistance) {
  const PlantedStudy study;
  const auto ridge = scores_of(member("ridge"), study);
  const auto trees = scores_of(member("lightgbm"), study);
  const auto both = make_model(ensemble_entry({member("ridge"), member("lightgbm")}), {});
  fit_planted(*both, study, {0, 1});
  std::vector<double> deviations(ridge.size());
  both->deviations(study.predict({100, 120}), deviations, 1);
  for (std::size_t i = 0; i < ridge.size(); ++i)
    EXPECT_NEAR(deviations[i], std::fabs(ridge[i] - trees[i]) / 2.0, 1e-15);
}

TEST(Ensemble, DeviatesByItsWeightsAndNotWhereItStacksOrIsOne) {
  const PlantedStudy study;
  const auto knowing = scores_of(member("ridge", {}, {"f0", "f1"}), study);
  const auto blind = scores_of(member("ridge", {}, {"f[2-5]"}), study);
  const auto both = make_model(ensemble_entry(knowing_and_not()), {{"weights", std::string("grid")}});
  const double w = fit_planted(*both, study, {0, 1}).members[0].weight;
  ASSERT_TRUE(w > 0.0 && w < 1.0 && w != 0.5) << w;
  std::vector<double> deviations(knowing.size());
  both->deviations(study.predict({100, 120}), deviations, 1);
  for (std::size_t i = 0; i < knowing.size(); ++i)
    EXPECT_NEAR(deviations[i], std::sqrt(w * (1.0 - w)) * std::fabs(knowing[i] - blind[i]), 1e-14);
  EXPECT_FALSE(make_model(ensemble_entry({member("ridge")}), {})->deviation_method());
  EXPECT_FALSE(
      make_model(ensemble_entry(knowing_and_not(), member("ridge")), {{"combine", std::string("stacking")}})
          ->deviation_method());
}

TEST(Ensemble, RankAverageIsTheMeanOfRanksWithinSessions) {
  const PlantedStudy study;
  auto ridge = scores_of(member("ridge"), study);
  auto trees = scores_of(member("lightgbm"), study);
  const auto both = make_model(ensemble_entry({member("ridge"), member("lightgbm")}),
                               {{"combine", std::string("rank_average")}});
  fit_planted(*both, study, {0, 1});
  const auto scores = predict_planted(*both, study);
  const Dataset test = study.predict({100, 120});
  for (std::size_t g = 0; g + 1 < test.groups().size(); ++g) {
    const std::size_t begin = test.groups()[g], count = test.groups()[g + 1] - begin;
    cross_rank_norm(std::span(ridge).subspan(begin, count));
    cross_rank_norm(std::span(trees).subspan(begin, count));
  }
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_EQ(scores[i], 0.5 * ridge[i] + 0.5 * trees[i]);
  EXPECT_EQ(both->describe().task, Task::kRanking);
}

TEST(Ensemble, SeedsAreMembersOfTheirOwn) {
  const PlantedStudy study;
  const ParameterMap drawn = {{"bagging_fraction", 0.5}, {"bagging_freq", std::int64_t{1}}};
  const auto three = make_model(ensemble_entry({member("lightgbm", drawn, {}, 3)}), {});
  const FitReport report = fit_planted(*three, study, {7, 1});
  ASSERT_EQ(report.members.size(), 3u);
  EXPECT_EQ(report.members[2].name, "lightgbm 3");
  const auto a = scores_of(member("lightgbm", drawn), study, 7);
  const auto b = scores_of(member("lightgbm", drawn), study, 8);
  const auto c = scores_of(member("lightgbm", drawn), study, 9);
  EXPECT_NE(a, b);
  const auto scores = predict_planted(*three, study);
  for (std::size_t i = 0; i < scores.size(); ++i) EXPECT_NEAR(scores[i], (a[i] + b[i] + c[i]) / 3.0, 1e-15);
}

TEST(Ensemble, WeighsByTheRankIcOfTheValidationRows) {
  const PlantedStudy study;
  const Dataset valid = study.learn({80, 100});
  std::vector<double> skill;
  for (const auto& one : knowing_and_not()) {
    const auto alone = make_model(ensemble_entry({one}), {});
    fit_planted(*alone, study, {0, 1});
    std::vector<double> scores(valid.size());
    alone->predict(valid, scores, 1);
    skill.push_back(RankIc(valid)(scores));
  }
  for (const std::string how : {"ic", "grid"}) {
    const auto model = make_model(ensemble_entry(knowing_and_not()), {{"weights", how}});
    const FitReport report = fit_planted(*model, study, {0, 1});
    EXPECT_EQ(report.members[0].valid_rank_ic, skill[0]);
    EXPECT_EQ(report.members[1].valid_rank_ic, skill[1]);
    if (how == "ic") {
      EXPECT_GT(report.members[0].weight, 0.8);
      EXPECT_EQ(report.members[0].weight, weights_by_skill(skill)[0]);
    } else {
      // A member that knows nothing says next to nothing, so that its weight matters little.
      std::vector<double> scores(valid.size());
      model->predict(valid, scores, 1);
      EXPECT_GE(RankIc(valid)(scores), std::max(skill[0], skill[1]));
    }
    EXPECT_NEAR(report.members[0].weight + report.members[1].weight, 1.0, 1e-15);
  }
}

TEST(Ensemble, StackingFindsOutWhoKnows) {
  const PlantedStudy study;
  // Grown trees know their training labels by heart: only out of fold do they look as bad as they are.
  const auto by_heart = member("lightgbm",
                               {{"num_leaves", std::int64_t{500}},
                                {"min_data_in_leaf", std::int64_t{1}},
                                {"num_iterations", std::int64_t{60}}},
                               {"f[2-5]"});
  const auto model =
      make_model(ensemble_entry({by_heart, member("ridge", {}, {"f0", "f1"})}, member("ridge")),
                 {{"combine", std::string("stacking")}});
  const FitReport report = fit_planted(*model, study, {0, 1});
  ASSERT_EQ(report.members.size(), 2u);
  EXPECT_GT(report.members[1].weight, 0.9);
  const Dataset truth = study.learn({100, 120});
  std::vector<double> scores(truth.size());
  model->predict(truth, scores, 1);
  const auto line = scores_of(member("ridge", {}, {"f0", "f1"}), study);
  EXPECT_NEAR(RankIc(truth)(scores), RankIc(truth)(line), 0.02);
}

TEST(Ensemble, FusesFeatureFamiliesByTrees) {
  const PlantedStudy study;
  const auto model = make_model(
      ensemble_entry({member("ridge", {}, {"f0"}), member("ridge", {}, {"f1"})}, member("xgboost")),
      {{"combine", std::string("stacking")}, {"folds", std::int64_t{4}}});
  const FitReport report = fit_planted(*model, study, {0, 2});
  const Dataset truth = study.learn({100, 120});
  std::vector<double> scores(truth.size());
  model->predict(truth, scores, 1);
  EXPECT_GT(RankIc(truth)(scores), 0.75);  // the truth without its noise has 0.87
  EXPECT_GT(report.importance[0].gain, report.importance[1].gain);
  EXPECT_EQ(report.importance[2].gain, 0.0);
  const testing::TemporaryFolder folder;
  model->save(folder.path());
  const auto loaded = make_model(
      ensemble_entry({member("ridge", {}, {"f0"}), member("ridge", {}, {"f1"})}, member("xgboost")), {});
  loaded->load(folder.path());
  EXPECT_EQ(predict_planted(*loaded, study), predict_planted(*model, study));
}

TEST(Ensemble, SaysWhatItCannotDo) {
  const PlantedStudy study;
  const auto fitting = [&](const std::vector<EnsembleMember>& members, const ParameterMap& parameters,
                           bool with_valid) {
    return error_of([&] {
      const auto model = make_model(ensemble_entry(members, member("ridge")), parameters);
      const Dataset train = study.learn({0, 80});
      const Dataset valid = study.learn({80, 100});
      model->fit(train, with_valid ? &valid : nullptr, {});
    });
  };
  EXPECT_NE(fitting(knowing_and_not(), {{"weights", std::string("ic")}}, false).find("needs validation rows"),
            std::string::npos);
  EXPECT_NE(fitting({member("ridge", {}, {"g*"})}, {}, true).find("asks for features 'g*'"),
            std::string::npos);
  const auto ranking = member("lightgbm", {{"objective", std::string("lambdarank")}});
  EXPECT_NE(fitting({ranking, ranking}, {}, true).find("use combine: rank_average"), std::string::npos);
  EXPECT_EQ(fitting({ranking, member("ridge")}, {{"combine", std::string("rank_average")}}, true), "");
  EXPECT_NE(
      fitting({member("ridge", {}, {}, 12)}, {{"weights", std::string("grid")}, {"grid_step", 0.05}}, true)
          .find("use a larger grid_step"),
      std::string::npos);
}

TEST(Ensemble, NamesTheMemberWhoseFileIsDamagedAndStaysAsItWas) {
  const PlantedStudy study;
  const auto model = make_model(ensemble_entry(knowing_and_not()), {});
  fit_planted(*model, study, {0, 1});
  const auto scores = predict_planted(*model, study);
  const testing::TemporaryFolder folder;
  model->save(folder.path());
  const auto path = folder.path() / "member-2" / "model.orrery";
  write_file_atomically(path, read_file(path).substr(0, 80));
  EXPECT_NE(error_of([&] { model->load(folder.path()); }).find("member-2"), std::string::npos);
  EXPECT_EQ(predict_planted(*model, study), scores);
  const auto other = make_model(ensemble_entry({member("lightgbm")}), {});
  EXPECT_NE(error_of([&] { other->load(folder.path()); }).find("an ensemble of lightgbm expected"),
            std::string::npos);
}

}  // namespace
}  // namespace orrery::ensemble_test
