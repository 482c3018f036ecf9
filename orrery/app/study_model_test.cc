#include "orrery/app/study_model.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "orrery/app/run_study.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"
#include "orrery/ml/ensemble.h"
#include "orrery/ml/meta_model.h"
#include "testing/small_study.h"
#include "testing/study_plugins.h"

namespace orrery::study_model_test {
namespace {

using testing::study_plugins;

constexpr const char* kStudy = R"yaml(name: test
data:    {path: prices.parquet}
factors: {set: alpha158}
label:   {expression: "Ref($close,-2)/Ref($close,-1)-1"}
model:
  name: ensemble
  params: {combine: stacking, folds: 4}
  members:
    - {name: lightgbm, params: {num_leaves: 31}, seeds: 3}
    - {name: ridge, features: ["ROC*", RSV20]}
  final: {name: xgboost, params: {eta: 0.1}}
)yaml";

std::string problems_of(const std::string& from, const std::string& to) {
  std::string text = kStudy;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  try {
    parse_study(text, "study.yaml", {}, study_plugins());
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

TEST(StudyModel, ReadsAnEnsembleWithItsMembers) {
  const Study study = parse_study(kStudy, "study.yaml", {}, study_plugins());
  EXPECT_EQ(study.model, kEnsemble);
  EXPECT_EQ(std::get<std::string>(study.model_parameters.at("combine")), "stacking");
  ASSERT_TRUE(study.ensemble.has_value());
  ASSERT_EQ(study.ensemble->members.size(), 2u);
  EXPECT_EQ(study.ensemble->members[0].name, "lightgbm");
  EXPECT_EQ(study.ensemble->members[0].seeds, 3);
  EXPECT_EQ(study.ensemble->members[1].features, (std::vector<std::string>{"ROC*", "RSV20"}));
  EXPECT_EQ(study.ensemble->final_model.name, "xgboost");
  EXPECT_EQ(study_model(study, study_plugins()).info.name, kEnsemble);
}

constexpr const char* kMetaModel =
    "{name: meta, params: {score: bet_size}, primary: {name: ridge}, secondary: {name: logistic}}";

TEST(StudyModel, ReadsAPrimaryAndASecondaryModel) {
  const Study study = parse_study(kStudy, "study.yaml", {{"model", kMetaModel}}, study_plugins());
  EXPECT_EQ(study.model, kMeta);
  ASSERT_TRUE(study.meta.has_value());
  EXPECT_EQ(study.meta->primary.name, "ridge");
  EXPECT_EQ(study.meta->secondary.name, "logistic");
  EXPECT_EQ(study_model(study, study_plugins()).info.name, kMeta);
  const Study shortest = parse_study(kStudy, "study.yaml", {{"model", "meta"}}, study_plugins());
  EXPECT_EQ(shortest.meta->primary.name, "lightgbm");
  EXPECT_EQ(std::get<std::string>(shortest.meta->secondary.parameters.at("objective")), "binary");
}

TEST(StudyModel, NamesWhatAMetaModelCannotBeMadeOf) {
  const auto problem_of = [](const std::string& model) {
    try {
      parse_study(kStudy, "study.yaml", {{"model", model}}, study_plugins());
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_NE(problem_of("{name: meta, secondary: {name: ridge}}").find("must be a model of probabilities"),
            std::string::npos);
  EXPECT_NE(problem_of("{name: meta, primary: {name: logistic}}").find("must be a model of estimates"),
            std::string::npos);
  EXPECT_NE(problem_of("{name: meta, params: {score: sure}}").find("bet_size"), std::string::npos);
  EXPECT_NE(problem_of("{name: meta, primary: {name: rigde}}").find("ridge"), std::string::npos);
}

TEST(StudyModel, ASingleModelIsThatOfTheRegistry) {
  const Study study = parse_study(kStudy, "study.yaml", {{"model", "{name: ridge}"}}, study_plugins());
  EXPECT_FALSE(study.ensemble.has_value());
  EXPECT_EQ(study_model(study, study_plugins()).info.name, "ridge");
}

TEST(StudyModel, SaysWhatIsWrongWhereItIs) {
  const auto expect = [](const std::string& from, const std::string& to, const std::string& message) {
    const auto found = problems_of(from, to);
    EXPECT_NE(found.find(message), std::string::npos) << found;
  };
  expect("num_leaves: 31", "num_leafs: 31", "model.members[0].params.num_leafs");
  expect("name: ridge,", "name: rigde,", "model.members[1].name");
  expect("eta: 0.1", "eta: -1", "model.final.params.eta");
  expect("seeds: 3", "seeds: 0", "model.members[0].seeds");
  expect("[\"ROC*\", RSV20]", "ROC5", "must be a list of names or patterns");
  expect("folds: 4", "folds: 1", "model.params.folds");
  expect("combine: stacking", "combine: stack", "model.params.combine");
  expect("seeds: 3", "seed: 3", "model.members[0].seed");
  expect("  members:\n", "  member:\n", "model.members");
}

/// Those of files are known once the files are read.
TEST(StudyModel, ItsSettingsNameFactorsThatAreThere) {
  const testing::SmallStudy small("portfolio: {strategy: topk_dropout, k: 10, drop: 2}\n");
  const MarketData market = read_study_prices(small.read(), {1}, silent_progress()).market;
  const auto file = small.folder() / "own.parquet";
  write_parquet({{{"date", std::vector<Date>{market.dates.front()}},
                  {"symbol", std::vector<std::string>{market.symbols.front()}},
                  {"mine", std::vector<double>{1.0}}}},
                file);
  const auto problem_of = [&](const std::string& model) -> std::string {
    try {
      study_factors(small.read({{"factors.files", "[" + file.string() + "]"}, {"model", model}}), market,
                    {1});
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  EXPECT_EQ(problem_of("{name: lightgbm, params: {monotone: {mine: 1, reversal_5: -1}}}"), "");
  EXPECT_EQ(problem_of("{name: lightgbm, params: {monotone: {mien: 1}}}"),
            "model: monotone names 'mien', which is no factor of the study; did you mean 'mine'?");
  for (const char* model : {"{name: ensemble, members: [{name: xgboost, params: {categorical: [mien]}}]}",
                            "{name: auto, families: [{name: xgboost, params: {categorical: [mien]}}]}"}) {
    EXPECT_NE(problem_of(model).find("categorical names 'mien'"), std::string::npos) << model;
  }
}

}  // namespace
}  // namespace orrery::study_model_test
