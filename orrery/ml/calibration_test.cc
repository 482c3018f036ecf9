#include "orrery/ml/calibration.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::calibration_test {
namespace {

const nlohmann::json& oracle() {
  static const auto cases = [] {
    std::ifstream file("orrery/ml/testdata/calibration_oracle.json");
    return nlohmann::json::parse(file);
  }();
  return cases;
}

std::vector<double> numbers(const nlohmann::json& json) { return json.get<std::vector<double>>(); }

TEST(Calibration, IsotonicEqualsScikitLearn) {
  for (const auto& wanted : oracle()) {
    const IsotonicMap map = fit_isotonic(numbers(wanted["scores"]), numbers(wanted["events"]));
    const auto asked = numbers(wanted["asked"]);
    const auto expected = numbers(wanted["isotonic"]);
    for (std::size_t i = 0; i < asked.size(); ++i) EXPECT_NEAR(map(asked[i]), expected[i], 1e-12) << asked[i];
  }
}

/// scikit-learn's optimiser stops early; the likelihood minimised by another package to rounding does not.
TEST(Calibration, PlattEqualsScikitLearn) {
  int rising = 0;
  for (const auto& wanted : oracle()) {
    const PlattMap map = fit_platt(numbers(wanted["scores"]), numbers(wanted["events"]));
    const auto exact = numbers(wanted["platt"]);
    if (exact[0] <= 0.0) {
      EXPECT_EQ(map.slope, 0.0);
      continue;
    }
    ++rising;
    EXPECT_NEAR(map.slope, exact[0], 1e-8);
    EXPECT_NEAR(map.intercept, exact[1], 1e-8);
    EXPECT_NEAR(map.slope, numbers(wanted["sklearn_platt"])[0], 1e-7);
    EXPECT_NEAR(map.intercept, numbers(wanted["sklearn_platt"])[1], 1e-7);
  }
  EXPECT_GE(rising, 3);
}

// Worked by hand: 0 1 | 1 0 0 | 1: the third to fifth are pooled with the second to 1/2, 1/2 … (1+1+0+0)/4.
TEST(Calibration, PoolsAdjacentViolators) {
  const IsotonicMap map =
      fit_isotonic(std::vector<double>{1, 2, 3, 4, 5, 6}, std::vector<double>{0, 1, 1, 0, 0, 1});
  EXPECT_EQ(map(0.0), 0.0);
  EXPECT_EQ(map(1.0), 0.0);
  EXPECT_EQ(map(1.5), 0.25);  // half way to the pool's first
  for (const double score : {2.0, 3.3, 5.0}) EXPECT_EQ(map(score), 0.5);
  EXPECT_EQ(map(7.0), 1.0);
}

TEST(Calibration, NeverFalls) {
  Random random(4);
  std::vector<double> said, came;
  for (int i = 0; i < 500; ++i) {
    said.push_back(random.uniform());
    came.push_back(random.uniform() < said.back() * said.back() ? 1.0 : 0.0);
  }
  for (const auto method : {CalibrationMethod::kIsotonic, CalibrationMethod::kPlatt}) {
    const Calibration calibration = Calibration::fit(method, said, came);
    double before = calibration(0.0);
    for (int i = 0; i <= 1000; ++i) {
      const double now = calibration(i / 1000.0);
      EXPECT_GE(now, before);
      EXPECT_TRUE(now >= 0.0 && now <= 1.0);
      before = now;
    }
  }
}

/// A model that is wrong the wrong way round is not turned over: it gets the base rate.
TEST(Calibration, KeepsTheOrder) {
  const std::vector<double> scores{-2, -1, 0, 1, 2}, events{1, 1, 1, 0, 0};
  const PlattMap map = fit_platt(scores, events);
  EXPECT_EQ(map.slope, 0.0);
  EXPECT_EQ(map(-2.0), map(2.0));
  // Targets (3 + 1) / (3 + 2) and 1 / (2 + 2), whose mean is 0.58.
  EXPECT_NEAR(map(0.0), (3.0 * 0.8 + 2.0 * 0.25) / 5.0, 1e-12);
}

TEST(Calibration, IsReadBackToTheBitAndRefusesDamage) {
  const std::vector<double> said{0.1, 0.2, 0.3, 0.4, 0.7}, came{0, 1, 0, 1, 1};
  for (const auto method : {CalibrationMethod::kIsotonic, CalibrationMethod::kPlatt}) {
    const Calibration calibration = Calibration::fit(method, said, came);
    const std::string text = calibration.to_text();
    const Calibration read = Calibration::from_text(text, "x");
    EXPECT_EQ(read.to_text(), text);
    for (const double score : {0.0, 0.15, 0.33, 0.9}) EXPECT_EQ(read(score), calibration(score));
    for (std::size_t at = 0; at < text.size() - 1; at += 7) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ 1);
      EXPECT_THROW(Calibration::from_text(damaged, "x"), Error) << at;
      EXPECT_THROW(Calibration::from_text(text.substr(0, at), "x"), Error) << at;
    }
  }
}

TEST(Calibration, NeedsBothOutcomes) {
  const std::vector<double> said{0.1, 0.2};
  for (const auto& came : {std::vector<double>{0, 0}, std::vector<double>{1, 1}}) {
    for (const auto method : {CalibrationMethod::kIsotonic, CalibrationMethod::kPlatt}) {
      try {
        Calibration::fit(method, said, came);
        FAIL();
      } catch (const Error& error) {
        EXPECT_NE(std::string(error.what()).find("among 2"), std::string::npos) << error.what();
      }
    }
  }
  EXPECT_THROW(fit_isotonic({}, {}), Error);
}

}  // namespace
}  // namespace orrery::calibration_test
