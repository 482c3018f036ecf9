#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/model_registry.h"
#include "testing/planted_signal.h"
#include "testing/python_interpreter.h"
#include "testing/temporary_folder.h"

namespace orrery::python_test {
namespace {

using testing::fit_planted;
using testing::PlantedStudy;
using testing::predict_planted;

std::unique_ptr<Model> make(const std::string& name, const ParameterMap& parameters) {
  return make_model(testing::model_registry().get(name), parameters);
}

/// The ridge plug-in is the oracle of the least squares that come with the worker: the same formula, in C++.
TEST(PythonModel, LeastSquaresAreThoseOfTheRidgePlugin) {
  const PlantedStudy study;
  const auto python = make("python", {{"params", std::string(R"({"alpha": 5.0})")}});
  const auto ridge = make("ridge", {{"alpha", 5.0}, {"standardize", false}});
  const auto ours = fit_planted(*python, study, {0, 1});
  const auto theirs = fit_planted(*ridge, study, {0, 1});
  const auto expected = predict_planted(*ridge, study);
  const auto found = predict_planted(*python, study);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 1e-9);
  for (std::size_t i = 0; i < ours.importance.size(); ++i) {
    EXPECT_NEAR(ours.importance[i].gain, theirs.importance[i].gain, 1e-9);
  }
}

class OwnClass : public ::testing::Test {
 protected:
  ParameterMap place(const std::string& name) const {
    return {{"class", (folder_.path() / "own.py").string() + ":" + name}};
  }
  void SetUp() override {
    write_file_atomically(folder_.path() / "own.py", R"(
class First:
    def fit(self, X, y):
        self.name = X.column_names[0]
    def predict(self, X):
        return X.column(self.name)

class Sessions:
    def fit(self, X, y, sessions, valid_sessions, seed):
        assert sessions[0].as_py() == 0 and sessions[-1].as_py() == 79, sessions
        assert valid_sessions[0].as_py() == 80 and seed == 3
    def predict(self, X, sessions):
        return sessions

class Lost:
    def fit(self, X, y):
        raise KeyError("lost")
    def predict(self, X):
        return []
)");
  }
  const PlantedStudy study_;
  const testing::TemporaryFolder folder_;
};

TEST_F(OwnClass, SeesTheFeaturesAsTheyAre) {
  const auto model = make("python", place("First"));
  fit_planted(*model, study_, {0, 1});
  const Dataset test = study_.predict({100, 120});
  std::vector<float> expected(test.size());
  test.read_feature(0, expected);
  const auto found = predict_planted(*model, study_);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], static_cast<double>(expected[i]));
}

TEST_F(OwnClass, SeesTheSessionsOfItsRows) {
  const auto model = make("python", place("Sessions"));
  fit_planted(*model, study_, {3, 1});
  const Dataset test = study_.predict({100, 120});
  const auto found = predict_planted(*model, study_);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i], test.samples()[i].row);
}

TEST_F(OwnClass, ErrorLeavesTheModelAsItWas) {
  const auto model = make("python", place("Lost"));
  try {
    fit_planted(*model, study_, {0, 1});
    ADD_FAILURE() << "fitted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    const std::string message = error.what();
    EXPECT_NE(message.find("own.py:Lost failed in fit: KeyError: 'lost'"), std::string::npos) << message;
    EXPECT_NE(message.find("raise KeyError"), std::string::npos) << message;
  }
  EXPECT_THROW(predict_planted(*model, study_), Error);
}

TEST_F(OwnClass, ParamsMustBeAnObject) {
  EXPECT_THROW(make("python", {{"params", std::string("[1]")}}), Error);
  EXPECT_THROW(make("python", {{"params", std::string("{")}}), Error);
}

}  // namespace
}  // namespace orrery::python_test
