#include "orrery/app/study_model.h"

#include <gtest/gtest.h>

#include <string>

#include "orrery/base/error.h"
#include "orrery/ml/ensemble.h"
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

}  // namespace
}  // namespace orrery::study_model_test
