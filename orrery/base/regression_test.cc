#include "orrery/base/regression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::regression_test {
namespace {

const std::vector<double> kTarget = {0.010, -0.004, 0.006,  0.002, -0.008,
                                     0.012, 0.001,  -0.003, 0.004, -0.006};
const std::vector<std::vector<double>> kRegressors = {
    {0.008, -0.003, 0.004, 0.003, -0.009, 0.010, 0.002, -0.001, 0.001, -0.005},
    {0.001, 0.002, -0.003, 0.004, 0.000, -0.002, 0.005, -0.001, 0.003, 0.002}};

/// Sums of ten products and two orthogonalisations: rounding alone.
constexpr double kRounding = 1e-12;

// Expected numbers: statsmodels 0.15.0 on the arrays above,
//   sm.OLS(y, sm.add_constant(np.column_stack([x1, x2]))).fit(cov_type="HAC", cov_kwds={"maxlags": 2})
//   .params, .bse, .tvalues, .rsquared, .mse_resid ** 0.5
TEST(Regress, AgreesWithStatsmodels) {
  const Regression fit = regress(kTarget, kRegressors);
  const double coefficients[] = {0.0004943270048172564, 1.1142023236044203, -0.18957211674695396};
  const double errors[] = {0.00041748947198271897, 0.07796214796231242, 0.19855649404477593};
  const double t[] = {1.1840466358819175, 14.291580628884615, -0.9547515313410201};
  ASSERT_EQ(fit.coefficients.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(fit.coefficients[k], coefficients[k], kRounding);
    EXPECT_NEAR(fit.standard_errors[k], errors[k], kRounding);
    EXPECT_NEAR(fit.t[k], t[k], 1e-10);
  }
  EXPECT_NEAR(fit.r_squared, 0.9477946090101588, kRounding);
  EXPECT_NEAR(fit.residual_deviation, 0.0017409468236020908, kRounding);
  EXPECT_EQ(fit.observations, 10u);
  EXPECT_EQ(fit.lag, 2);
}

TEST(Regress, LeavesOutWhatIsMissing) {
  std::vector<double> target = kTarget;
  auto regressors = kRegressors;
  target.push_back(std::nan(""));
  regressors[0].push_back(0.5);
  regressors[1].push_back(0.5);
  target.push_back(0.5);
  regressors[0].push_back(0.5);
  regressors[1].push_back(std::nan(""));
  const Regression fit = regress(target, regressors);
  EXPECT_EQ(fit.observations, 10u);
  EXPECT_EQ(fit.coefficients, regress(kTarget, kRegressors).coefficients);
}

TEST(Regress, FindsAnExactLine) {
  std::vector<double> target;
  std::vector<std::vector<double>> regressors(2);
  Random random(3);
  for (int t = 0; t < 50; ++t) {
    regressors[0].push_back(random.normal());
    regressors[1].push_back(1e-4 * random.normal());
    target.push_back(2.0 + 3.0 * regressors[0].back() - 5.0 * regressors[1].back());
  }
  const Regression fit = regress(target, regressors);
  EXPECT_NEAR(fit.coefficients[0], 2.0, 1e-12);
  EXPECT_NEAR(fit.coefficients[1], 3.0, 1e-12);
  EXPECT_NEAR(fit.coefficients[2], -5.0, 1e-8);  // a regressor of size 1e-4 loses four digits
  EXPECT_NEAR(fit.r_squared, 1.0, 1e-12);
}

TEST(Regress, IsNotComputableForTooFewOrCollinear) {
  const std::vector<double> three = {1.0, 2.0, 4.0};
  const std::vector<std::vector<double>> two = {{1.0, 2.0, 3.0}, {3.0, 1.0, 2.0}};
  EXPECT_TRUE(std::isnan(regress(three, two).t[2]));
  auto collinear = kRegressors;
  for (std::size_t t = 0; t < kTarget.size(); ++t) collinear[1][t] = 0.1 - 3.0 * collinear[0][t];
  EXPECT_TRUE(std::isnan(regress(kTarget, collinear).coefficients[0]));
  EXPECT_TRUE(std::isnan(regress({}, {}).coefficients[0]));
  EXPECT_THROW(regress(three, kRegressors), Error);
}

}  // namespace
}  // namespace orrery::regression_test
