#include "orrery/portfolio/covariance.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "testing/return_table.h"

namespace orrery::covariance_test {
namespace {

// Sums of some forty squares, in another order than NumPy's: a few units in the last place.
TEST(Covariance, IsThatOfScikitLearnAndNumPy) {
  std::ifstream file("orrery/portfolio/testdata/covariance.json");
  const auto json = nlohmann::json::parse(file);
  const ReturnTable returns = testing::read_return_table(json["returns"]);
  for (const char* name : {"sample", "ledoit_wolf", "oas", "exponential", "denoised", "factors"}) {
    const auto model = estimate_covariance(returns, {parse_covariance_method(name), 15.0, 2});
    const SquareMatrix covariance = model.full();
    for (std::size_t i = 0; i < returns.names; ++i) {
      for (std::size_t j = 0; j < returns.names; ++j) {
        const double expected = json[name][i][j];
        EXPECT_NEAR(covariance(i, j), expected, 1e-13 * 1e-2) << name << " " << i << " " << j;
      }
    }
  }
}

TEST(Covariance, MoreNamesThanPeriodsAreShrunkToAPositiveDefiniteMatrix) {
  ReturnTable returns{5, 12, {}};
  for (std::size_t i = 0; i < 60; ++i) returns.values.push_back(0.01 * std::sin(static_cast<double>(i * i)));
  for (const char* name : {"ledoit_wolf", "oas"}) {
    const auto model = estimate_covariance(returns, {parse_covariance_method(name)});
    for (std::size_t i = 0; i < 12; ++i) {
      std::vector<double> difference(12, 0.0);
      difference[i] = 1.0;
      difference[(i + 5) % 12] = -1.0;
      EXPECT_GT(model.variance(difference), 1e-8) << name;
    }
  }
}

TEST(Covariance, MissingReturnsAndTooFewPeriodsAreRefused) {
  ReturnTable returns{3, 2, {0.1, 0.2, 0.3, std::numeric_limits<double>::quiet_NaN(), 0.1, 0.2}};
  try {
    estimate_covariance(returns, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "the return of name 2 in period 2 is missing");
  }
  EXPECT_THROW(estimate_covariance({1, 2, {0.1, 0.2}}, {}), Error);
  EXPECT_THROW(parse_covariance_method("ledoit"), Error);
}

}  // namespace
}  // namespace orrery::covariance_test
