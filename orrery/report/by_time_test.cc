#include "orrery/report/by_time.h"

#include <gtest/gtest.h>

#include <cmath>

namespace orrery::by_time_test {
namespace {

// Golden numbers of this file: numpy 2.4.6, pandas 3.1.1 and statsmodels 0.15.0 on the series below, with
//   hac(x, d, lag): f = sm.OLS(x, np.column_stack([d, 1 - d])).fit(cov_type="HAC",
//     cov_kwds={"maxlags": lag, "use_correction": False}); f.params[0], f.bse[0]
//   vol = u[1:].rolling(21).std() * 252**0.5; chg = (1 + u[1:]).rolling(21).apply(np.prod) - 1, both shifted
//   by
//     one session for returns; bounds: vol.shift(1)[60:].quantile([1/3, 2/3])
//   lag = floor(4 (n/100)^(2/9)) with n = 240 sessions, and 239 days
constexpr int kSessions = 300;

/// Sums of some hundred numbers: rounding alone.
constexpr double kRounding = 1e-11;

/// A number between 0 and 1 that looks random.
double scatter(int t, int factor, int offset, int modulus) {
  return static_cast<double>((t * factor + offset) % modulus) / modulus;
}

std::vector<Date> weekdays_from(Date date) {
  std::vector<Date> dates;
  for (; dates.size() < kSessions; date = date + 1) {
    if (weekday(date) < 5) dates.push_back(date);
  }
  return dates;
}

TEST(SubsetMean, AgreesWithStatsmodels) {
  std::vector<double> values;
  std::vector<char> member;
  for (int t = 0; t < kSessions; ++t) {
    values.push_back(scatter(t, 7919, 13, 1009) - 0.48);
    member.push_back((t * t / 7) % 5 < 2 ? 1 : 0);
  }
  const double errors[] = {0.024027464196232695, 0.022503769444214, 0.01864277775289996};
  const int lags[] = {0, 3, 5};
  for (int i = 0; i < 3; ++i) {
    const SubsetMean found = subset_mean(values, member, lags[i]);
    EXPECT_EQ(found.count, 147u);
    EXPECT_NEAR(found.mean, 0.012054502673219952, kRounding);
    EXPECT_NEAR(found.standard_error, errors[i], kRounding);
  }
}

TEST(SubsetMean, MissingValuesAndSmallSubsets) {
  const double missing = std::nan("");
  const std::vector<double> values = {1.0, missing, 3.0, 5.0};
  EXPECT_EQ(subset_mean(values, std::vector<char>{1, 1, 1, 0}, 0).mean, 2.0);
  EXPECT_EQ(subset_mean(values, std::vector<char>{0, 1, 0, 0}, 0).count, 0u);
  EXPECT_TRUE(std::isnan(subset_mean(values, std::vector<char>{0, 1, 0, 0}, 0).mean));
  EXPECT_EQ(subset_mean(values, std::vector<char>{0, 0, 0, 1}, 0).mean, 5.0);
  EXPECT_TRUE(std::isnan(subset_mean(values, std::vector<char>{0, 0, 0, 1}, 0).standard_error));
}

/// A universe of 300 sessions; the backtest runs over the last 240 of them, the signal over 239 days from the
/// day before to the last but two.
struct Market {
  std::vector<Date> dates = weekdays_from(make_date(2017, 6, 1));
  std::vector<double> universe, net, benchmark, cash;
  std::vector<Date> sessions;
  SignalEvaluation signal;

  Market() {
    std::vector<double> ic;
    std::vector<double> rank_ic;
    for (int t = 0; t < kSessions; ++t) {
      const Date date = dates[static_cast<std::size_t>(t)];
      universe.push_back(t == 0 ? 0.0 : (scatter(t, 4051, 77, 613) - 0.49) * 0.01 * (1 + (t / 40) % 3));
      if (t >= 59 && t < 298) {
        signal.dates.push_back(date);
        ic.push_back(scatter(t, 6007, 3, 811) - 0.47);
        rank_ic.push_back(scatter(t, 3571, 9, 719) - 0.46);
      }
      if (t < 60) continue;
      sessions.push_back(date);
      benchmark.push_back(universe.back());
      net.push_back(universe.back() + (scatter(t, 2203, 5, 401) - 0.5) * 0.004);
      cash.push_back(0.0001);
    }
    signal.ic = summarize_correlations(ic);
    signal.rank_ic = summarize_correlations(rank_ic);
  }

  ByTimeInputs inputs() const {
    PerformanceInputs series;
    series.dates = sessions;
    series.net_returns = net;
    series.benchmark_returns = benchmark;
    series.cash_returns = cash;
    return {signal, series, dates, universe};
  }
};

struct Expected {
  const char* key;
  std::size_t sessions, days;
  double ic, rank_ic, rank_ic_t, net, excess, excess_t, sharpe;
};

const Expected kExpected[] = {
    {"2017", 92, 93, 0.022170823223685115, 0.02614413686870952, 0.46796295456607034, 0.020308225252175686,
     -0.014945679280060745, -0.446156163942459, -0.046705259122708224},
    {"2018", 148, 146, 0.034569025218316674, 0.03137881761198007, 0.7059328880933502, 0.07248066676921296,
     0.012109995282065118, 0.45806689569899023, 0.4842518121365276},
    {"volatility_low", 80, 80, 0.032928483353884125, 0.0009527121001390551, 0.017588986527397713,
     0.00811748463262726, 0.0001885286783042243, 0.005184259408183712, -0.2443113170055273},
    {"volatility_middle", 80, 79, 0.035486272612339845, 0.042438337353215574, 0.7636923745469142,
     -0.051952073364712116, -0.000722693266832919, -0.02118991050459774, -0.773864339435467},
    {"volatility_high", 80, 80, 0.020890875462392135, 0.044798331015299, 0.7058580280610989,
     0.20127828129513092, 0.005750124688279309, 0.16250502782955906, 1.4182733016830527},
    {"universe_rising", 162, 161, 0.013307932082928091, 0.010874834786064134, 0.3019804802615875,
     -0.30908612536087726, -0.010768633970628987, -0.4602320351563898, -3.562850766029342},
    {"universe_falling", 78, 78, 0.06367163046571186, 0.06745979102029169, 1.3822649007469832,
     0.803428816839818, 0.02771532706694802, 0.9002239995006395, 8.024051775683613},
};

TEST(ByTime, AgreesWithPandasAndStatsmodels) {
  const Market market;
  const ByTime found = measure_by_time(market.inputs());
  std::vector<TimeSlice> slices;
  for (const TimeGroup& group : found.groups) {
    slices.insert(slices.end(), group.slices.begin(), group.slices.end());
  }
  ASSERT_EQ(slices.size(), std::size(kExpected));
  for (std::size_t i = 0; i < slices.size(); ++i) {
    const TimeSlice& slice = slices[i];
    const Expected& expected = kExpected[i];
    EXPECT_EQ(slice.key, expected.key);
    EXPECT_EQ(slice.sessions, expected.sessions) << slice.key;
    EXPECT_EQ(slice.days, expected.days) << slice.key;
    EXPECT_NEAR(slice.ic_mean, expected.ic, kRounding) << slice.key;
    EXPECT_NEAR(slice.rank_ic_mean, expected.rank_ic, kRounding) << slice.key;
    EXPECT_NEAR(slice.rank_ic_t, expected.rank_ic_t, kRounding) << slice.key;
    EXPECT_NEAR(slice.net_return, expected.net, kRounding) << slice.key;
    EXPECT_NEAR(slice.excess_return, expected.excess, kRounding) << slice.key;
    EXPECT_NEAR(slice.excess_t, expected.excess_t, kRounding) << slice.key;
    EXPECT_NEAR(slice.sharpe, expected.sharpe, kRounding) << slice.key;
  }
}

TEST(ByTime, TheStateOfASessionIsKnownTheEveningBefore) {
  Market market;
  const ByTime before = measure_by_time(market.inputs());
  market.universe.back() = 0.5;  // the last session's own return decides nothing about where it belongs
  const ByTime after = measure_by_time(market.inputs());
  for (std::size_t g = 0; g < before.groups.size(); ++g) {
    for (std::size_t i = 0; i < before.groups[g].slices.size(); ++i) {
      EXPECT_EQ(before.groups[g].slices[i].sessions, after.groups[g].slices[i].sessions);
      EXPECT_EQ(before.groups[g].slices[i].name, after.groups[g].slices[i].name);
    }
  }
}

TEST(ByTime, NothingIsMeasuredFromNothing) {
  const SignalEvaluation nothing;
  const ByTime found = measure_by_time({nothing, {}, {}, {}});
  for (const TimeGroup& group : found.groups) {
    for (const TimeSlice& slice : group.slices) EXPECT_EQ(slice.sessions, 0u);
  }
  EXPECT_EQ(found.rolling.windows, 0u);
}

TEST(RollCorrelation, AgreesWithStatsmodelsAndSkipsMissingDays) {
  std::vector<double> daily;
  for (int t = 0; t < kSessions; ++t) {
    daily.push_back(scatter(t, 7919, 13, 1009) - 0.48);
    if (t == 162) daily.push_back(std::nan(""));
  }
  const std::vector<Date> dates(daily.size(), Date{7});
  const RollingCorrelation found = roll_correlation(dates, daily, 63);
  ASSERT_EQ(found.mean.size(), static_cast<std::size_t>(kSessions));
  EXPECT_TRUE(std::isnan(found.mean[61]));
  EXPECT_FALSE(std::isnan(found.mean[62]));
  EXPECT_NEAR(found.mean[162], 0.03374140670473674, kRounding);  // of t = 100 to 162
  EXPECT_NEAR(found.standard_error[162], 0.03284420534549775, kRounding);
  EXPECT_EQ(found.windows, 238u);
}

TEST(RollCorrelation, CountsWindowsWhoseBandLeavesZeroOut) {
  std::vector<double> daily;
  for (int t = 0; t < 20; ++t) daily.push_back((t < 10 ? 0.5 : -0.5) + 0.01 * (t % 2));
  const std::vector<Date> dates(daily.size(), Date{7});
  const RollingCorrelation found = roll_correlation(dates, daily, 5);
  EXPECT_EQ(found.windows, 16u);
  EXPECT_EQ(found.above_zero, 6u);  // the six windows within the first ten days
  EXPECT_EQ(found.below_zero, 6u);
}

}  // namespace
}  // namespace orrery::by_time_test
