// Models that scikit-learn has too, against what it gave (sklearn_oracle.py).

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/model_registry.h"

namespace orrery::sklearn_oracle_test {
namespace {

using testing::model_registry;

const nlohmann::json& oracle() {
  static const auto golden = nlohmann::json::parse(read_file("plugins/models/testdata/sklearn_oracle.json"));
  return golden;
}

/// The oracle's samples, one instrument a sample: those to learn from on the first session, the others on the
/// second.
struct Samples {
  std::size_t train = oracle().at("x").size();
  std::size_t test = oracle().at("test").size();
  FactorFrame features;
  MaskPanel eligible;
  Panel label;
  FittedFeatures no_steps;

  explicit Samples(bool events) : eligible(2, train, 0), label(2, train) {
    const std::size_t width = oracle().at("x").at(0).size();
    for (std::size_t f = 0; f < width; ++f) {
      features.names.push_back(fmt::format("f{}", f));
      features.panels.emplace_back(2, train);
    }
    for (std::size_t i = 0; i < train; ++i) {
      place(0, i, oracle().at("x").at(i));
      const double value = oracle().at("y").at(i).get<double>();
      label(0, i) = events ? static_cast<double>(value > 0.3) : value;
    }
    for (std::size_t i = 0; i < test; ++i) place(1, i, oracle().at("test").at(i));
  }
  Dataset learned(bool weighted) const {
    Dataset data(features, no_steps, eligible, {0, 1}, &label);
    if (weighted) data.set_weights(oracle().at("weights").get<std::vector<float>>());
    return data;
  }
  Dataset asked() const { return {features, no_steps, eligible, {1, 2}}; }

 private:
  void place(std::size_t row, std::size_t instrument, const nlohmann::json& values) {
    eligible(row, instrument) = 1;
    for (std::size_t f = 0; f < values.size(); ++f)
      features.panels[f](row, instrument) = values.at(f).get<float>();
  }
};

ParameterMap parameters_of(const nlohmann::json& json) {
  ParameterMap parameters;
  for (const auto& [name, value] : json.items()) {
    if (value.is_boolean()) {
      parameters[name] = value.get<bool>();
    } else if (value.is_number_integer()) {
      parameters[name] = value.get<std::int64_t>();
    } else if (value.is_number()) {
      parameters[name] = value.get<double>();
    } else {
      parameters[name] = value.get<std::string>();
    }
  }
  return parameters;
}

/// What searches for its weights, searches until rounding ends it, as the oracle does.
ParameterMap exact(const ModelEntry& entry, ParameterMap parameters) {
  for (const auto& declared : entry.info.parameters) {
    if (declared.name == "tol") parameters["tol"] = 1e-13;
    if (declared.name == "max_iter") parameters["max_iter"] = std::int64_t{100000};
  }
  return parameters;
}

class SklearnOracle : public ::testing::TestWithParam<std::size_t> {};

TEST_P(SklearnOracle, GivesTheSameScores) {
  const auto& expected = oracle().at("cases").at(GetParam());
  const auto& entry = model_registry().get(expected.at("model").get<std::string>());
  const auto model = make_model(entry, exact(entry, parameters_of(expected.at("parameters"))));
  const Samples samples(model->describe().task == Task::kBinary);
  model->fit(samples.learned(expected.at("weighted").get<bool>()), nullptr, {});
  std::vector<double> scores(samples.test);
  model->predict(samples.asked(), scores, 1);
  // Normal equations of features whose least axis is a thousandth of the largest lose six of sixteen digits.
  for (std::size_t i = 0; i < scores.size(); ++i)
    EXPECT_NEAR(scores[i], expected.at("scores").at(i).get<double>(), 1e-10) << expected.at("parameters");
}

TEST_P(SklearnOracle, GivesTheSameDeviations) {
  const auto& expected = oracle().at("cases").at(GetParam());
  const auto& entry = model_registry().get(expected.at("model").get<std::string>());
  const auto model = make_model(entry, exact(entry, parameters_of(expected.at("parameters"))));
  ASSERT_EQ(model->deviation_method().has_value(), expected.contains("deviations"));
  if (!expected.contains("deviations")) return;
  const Samples samples(false);
  model->fit(samples.learned(expected.at("weighted").get<bool>()), nullptr, {});
  std::vector<double> deviations(samples.test);
  model->deviations(samples.asked(), deviations, 1);
  for (std::size_t i = 0; i < deviations.size(); ++i)
    EXPECT_NEAR(deviations[i], expected.at("deviations").at(i).get<double>(), 1e-10)
        << expected.at("parameters");
}

INSTANTIATE_TEST_SUITE_P(All, SklearnOracle, ::testing::Range<std::size_t>(0, oracle().at("cases").size()),
                         [](const auto& info) {
                           const auto& model = oracle().at("cases").at(info.param).at("model");
                           return fmt::format("{}_{}", info.param, model.template get<std::string>());
                         });

}  // namespace
}  // namespace orrery::sklearn_oracle_test
