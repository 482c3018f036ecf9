#include "orrery/risk/shortfall_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"

namespace orrery::shortfall_tests_test {
namespace {

ReturnForecast normal_forecast(double deviation) {
  ReturnForecast forecast;
  forecast.deviation = deviation;
  return forecast;
}

// The statistics are exact. A share p of 20,000 draws is known to sqrt(p (1 - p) / 20,000), at most 0.0036;
// four of those. The oracle's 400,000 add little.
TEST(ShortfallTests, AreThoseOfNumPy) {
  std::ifstream file("orrery/risk/testdata/exception_tests.json");
  const auto oracle = nlohmann::json::parse(file);
  ASSERT_EQ(oracle["shortfall"].size(), 3U);
  for (const auto& expected : oracle["shortfall"]) {
    ShortfallTester tester(expected["confidence"], 20'000, 1);
    for (std::size_t i = 0; i < expected["returns"].size(); ++i) {
      tester.add(normal_forecast(expected["deviations"][i]), expected["returns"][i]);
    }
    const ShortfallTests tests = tester.result();
    EXPECT_NEAR(tests.size_statistic, expected["size"].get<double>(), 1e-12);
    EXPECT_NEAR(tests.joint_statistic, expected["joint"].get<double>(), 1e-12);
    for (const auto& [found, name] :
         {std::pair(tests.size_p_value, "size_p"), std::pair(tests.joint_p_value, "joint_p")}) {
      const double p = expected[name];
      EXPECT_NEAR(found, p, 4.0 * std::sqrt(p * (1.0 - p) / 20'000.0) + 1e-4) << name;
    }
  }
}

// Acerbi & Székely (2014), section 3: with 250 days and 97.5 % the joint statistic's 5 % critical value is
// about -0.7 whatever the distribution's tail.
TEST(ShortfallTests, TheJointStatisticsCriticalValueIsThePublishedOne) {
  const auto p_value_of = [](double statistic) {
    ShortfallTester tester(0.975, 20'000, 7);
    const auto forecast = normal_forecast(0.01);
    const double exception = -1.001 * forecast.value_at_risk(0.975);
    // Whole exceptions just beyond VaR bring the statistic near the wanted one, a larger one to it.
    const double ratio = -exception / forecast.expected_shortfall(0.975);
    const double wanted = (1.0 - statistic) * 250.0 * 0.025;
    const int small = static_cast<int>(wanted / ratio) - 1;
    const double rest = (wanted - small * ratio) * forecast.expected_shortfall(0.975);
    for (int i = 0; i < 250; ++i) tester.add(forecast, i < small ? exception : i == small ? -rest : 0.0);
    const auto tests = tester.result();
    EXPECT_NEAR(tests.joint_statistic, statistic, 1e-9);
    return tests.joint_p_value;
  };
  EXPECT_NEAR(p_value_of(-0.70), 0.05, 0.01);
}

// Draws instead of moments: a forecast that is as likely to be right as its own draws.
TEST(ShortfallTests, ForecastsOfDrawsArePricedByTheirOwnDraws) {
  ReturnForecast forecast;
  for (int i = 100; i > 0; --i) forecast.draws.push_back(-0.001 * i);
  ShortfallTester right(0.95, 5'000, 1), wrong(0.95, 5'000, 1);
  Random random(5);
  for (int i = 0; i < 400; ++i) {
    const double value = forecast.draws[random.below(100)];
    right.add(forecast, value);
    wrong.add(forecast, 1.3 * value);
  }
  EXPECT_GT(right.result().joint_p_value, 0.05);
  EXPECT_LT(wrong.result().joint_p_value, 0.001);
  EXPECT_LT(wrong.result().joint_statistic, -1.0);
}

TEST(ShortfallTests, WithoutAnExceptionItsSizeIsUnknown) {
  ShortfallTester tester(0.99, 1'000, 1);
  for (int i = 0; i < 50; ++i) tester.add(normal_forecast(0.01), 0.0);
  const auto tests = tester.result();
  EXPECT_TRUE(std::isnan(tests.size_statistic));
  EXPECT_TRUE(std::isnan(tests.size_p_value));
  EXPECT_DOUBLE_EQ(tests.joint_statistic, 1.0);
  EXPECT_DOUBLE_EQ(tests.joint_p_value, 1.0);
}

TEST(ShortfallTests, AForecastThatIsNoLossIsRefused) {
  ShortfallTester tester(0.99, 100, 1);
  ReturnForecast gain = normal_forecast(0.001);
  gain.mean = 0.01;
  EXPECT_THROW(tester.add(gain, 0.0), Error);
  EXPECT_THROW(ShortfallTester(0.99, 10, 1), Error);
  EXPECT_THROW(ShortfallTester(0.3, 1000, 1), Error);
}

}  // namespace
}  // namespace orrery::shortfall_tests_test
