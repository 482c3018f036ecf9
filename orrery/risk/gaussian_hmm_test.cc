#include "orrery/risk/gaussian_hmm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::gaussian_hmm_test {
namespace {

using Json = nlohmann::json;

Json cases() {
  std::ifstream file("orrery/risk/testdata/gaussian_hmm.json");
  return Json::parse(file).at("cases");
}

GaussianHmm model_of(const Json& given, const Json& model) {
  return {given.at("states"),
          given.at("inputs"),
          model.at("start").get<std::vector<double>>(),
          model.at("transition").get<std::vector<double>>(),
          model.at("means").get<std::vector<double>>(),
          model.at("covariances").get<std::vector<double>>()};
}

/// Rounding of some hundred sums of terms of size 1.
constexpr double kNear = 1e-10;

TEST(GaussianHmm, TheForwardAlgorithmIsHmmlearns) {
  for (const Json& given : cases()) {
    const auto values = given.at("observations").get<std::vector<double>>();
    const GaussianHmm model = model_of(given, given.at("model"));
    const ObservationTable table{values.size() / model.inputs, model.inputs, values};
    HmmFilter filter(model);
    std::size_t next = 0;
    for (std::size_t period = 0; period < table.periods; ++period) {
      const auto filtered = filter.step(table.row(period));
      if (next == given.at("filtered_at").size() || given.at("filtered_at")[next] != period) continue;
      for (std::size_t state = 0; state < model.states; ++state) {
        EXPECT_NEAR(filtered[state], given.at("filtered")[next][state], kNear);
      }
      ++next;
    }
    EXPECT_EQ(next, given.at("filtered_at").size());
    EXPECT_NEAR(filter.log_likelihood(), given.at("log_likelihood"), kNear);
  }
}

TEST(GaussianHmm, ExpectationMaximisationIsHmmlearns) {
  for (const Json& given : cases()) {
    const auto values = given.at("observations").get<std::vector<double>>();
    const GaussianHmm start = model_of(given, given.at("model"));
    HmmFitSettings settings;
    settings.states = static_cast<int>(start.states);
    settings.max_iterations = given.at("iterations");
    settings.tolerance = -1e300;  // all of them
    settings.variance_floor = 0.0;
    const HmmFit fit = fit_hmm({values.size() / start.inputs, start.inputs, values}, settings, start);
    EXPECT_EQ(fit.iterations, settings.max_iterations);
    EXPECT_NEAR(fit.log_likelihood, given.at("fitted_log_likelihood"), kNear);
    // hmmlearn does not put the states in order: each has to be one of its own.
    const GaussianHmm expected = model_of(given, given.at("fitted"));
    const std::size_t square = start.inputs * start.inputs;
    for (std::size_t state = 0; state < start.states; ++state) {
      double nearest = 1.0;
      for (std::size_t other = 0; other < start.states; ++other) {
        double far = std::abs(fit.model.transition[state * start.states + state] -
                              expected.transition[other * start.states + other]);
        for (std::size_t i = 0; i < start.inputs; ++i) {
          far = std::max(far, std::abs(fit.model.means[state * start.inputs + i] -
                                       expected.means[other * start.inputs + i]));
        }
        for (std::size_t i = 0; i < square; ++i) {
          far = std::max(far, std::abs(fit.model.covariances[state * square + i] -
                                       expected.covariances[other * square + i]));
        }
        nearest = std::min(nearest, far);
      }
      EXPECT_LT(nearest, kNear) << "state " << state;
      if (state > 0) {
        EXPECT_LE(fit.model.covariances[(state - 1) * square], fit.model.covariances[state * square]);
      }
    }
  }
}

/// Two volatilities that take turns every 100 periods.
std::vector<double> turns(std::size_t periods) {
  Random random(11);
  std::vector<double> values;
  for (std::size_t i = 0; i < periods; ++i) {
    values.push_back(0.0005 + ((i / 100) % 2 == 0 ? 0.005 : 0.02) * random.normal());
  }
  return values;
}

TEST(GaussianHmm, FindsTwoVolatilitiesFromItsFirstGuess) {
  const auto values = turns(2000);
  const ObservationTable table{values.size(), 1, values};
  const HmmFit fit = fit_hmm(table, {}, first_guess(table, 2));
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(std::sqrt(fit.model.covariances[0]), 0.005, 0.0005);
  EXPECT_NEAR(std::sqrt(fit.model.covariances[1]), 0.02, 0.002);
  EXPECT_NEAR(fit.model.transition[0], 0.99, 0.01);
  HmmFilter filter(fit.model);
  int right = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto filtered = filter.step(table.row(i));
    EXPECT_NEAR(filtered[0] + filtered[1], 1.0, 1e-12);
    if ((filtered[1] > 0.5) == ((i / 100) % 2 == 1)) ++right;
  }
  EXPECT_GT(right, 1850);
}

TEST(GaussianHmm, TheLikelihoodNeverFalls) {
  const auto values = turns(600);
  const ObservationTable table{values.size() / 2, 2, values};
  GaussianHmm model = first_guess(table, 3);
  HmmFitSettings one;
  one.states = 3;
  one.max_iterations = 1;
  double before = -1e300;
  for (int i = 0; i < 40; ++i) {
    const HmmFit fit = fit_hmm(table, one, model);
    EXPECT_GE(fit.log_likelihood, before - 1e-9);
    before = fit.log_likelihood;
    model = fit.model;
  }
}

TEST(GaussianHmm, EqualObservationsDoNotMakeAStateInfinitelyLikely) {
  std::vector<double> values = turns(300);
  std::fill_n(values.begin(), 100, 0.001);
  const ObservationTable table{values.size(), 1, values};
  const HmmFit fit = fit_hmm(table, {}, first_guess(table, 2));
  EXPECT_TRUE(std::isfinite(fit.log_likelihood));
  EXPECT_GT(fit.model.covariances[0], 0.0);
}

TEST(GaussianHmm, RefusesWhatItCantFit) {
  const auto values = turns(15);
  const ObservationTable table{values.size(), 1, values};
  EXPECT_THROW(fit_hmm(table, {}, first_guess(table, 2)), Error);
  GaussianHmm flat{1, 1, {1.0}, {1.0}, {0.0}, {0.0}};
  EXPECT_THROW(HmmFilter{flat}, Error);
}

}  // namespace
}  // namespace orrery::gaussian_hmm_test
