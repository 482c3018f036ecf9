// Factor evaluation against alphalens (testdata/alphalens_values.tsv, made by make_alphalens_values.py).

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "orrery/base/files.h"
#include "orrery/factor/factor_evaluation.h"

namespace orrery::alphalens_oracle_test {
namespace {

constexpr std::size_t kDays = 80;
constexpr std::size_t kNames = 27;

struct MadeUp {
  std::vector<Date> dates;
  Panel closes{kDays, kNames};
  FactorFrame factor;
  MaskPanel eligible{kDays, kNames, 0};
  Panel no_size;
};

/// The same numbers as `make_input` in make_alphalens_values.py.
MadeUp made_up_market() {
  std::uint64_t state = 20260101;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 33U) / 2147483648.0;
  };
  MadeUp made;
  made.factor.names = {"made_up"};
  made.factor.panels.emplace_back(kDays, kNames);
  for (std::size_t day = 0; day < kDays; ++day) made.dates.push_back(Date{static_cast<std::int32_t>(day)});
  for (std::size_t name = 0; name < kNames; ++name) {
    const std::size_t first = name % 9 == 4 ? 20 + name : 0;
    double close = 50.0;
    for (std::size_t day = 0; day < kDays; ++day) {
      const double drift = uniform() - 0.5;
      const double noise = uniform() - 0.5;
      const bool missing = uniform() < 1.0 / 17;
      const double coarse = day % 5 == 0 ? 128.0 : 65536.0;
      if (day < first) continue;
      made.closes(day, name) = close;
      made.eligible(day, name) = 1;
      if (!missing) {
        made.factor.panels[0](day, name) =
            static_cast<float>(std::floor((drift + 2.0 * noise) * coarse) / coarse);
      }
      close = close * (1.0 + 0.01 * drift + 0.02 * (uniform() - 0.5));
    }
  }
  return made;
}

using Values = std::map<std::string, std::vector<double>>;

Values read_values() {
  std::istringstream lines(read_file("orrery/factor/oracle/testdata/alphalens_values.tsv"));
  Values values;
  std::string key;
  std::size_t index = 0;
  double value = 0.0;
  while (lines >> key >> index >> value) values[key].push_back(value);
  return values;
}

/// Sums of at most a few hundred numbers of size 1 in another order: 1e-12 is some hundred roundings.
void expect_series(const std::vector<double>& ours, const std::vector<double>& theirs,
                   const std::string& key) {
  ASSERT_FALSE(theirs.empty()) << key;
  ASSERT_GE(ours.size(), theirs.size()) << key;
  for (std::size_t i = 0; i < theirs.size(); ++i) EXPECT_NEAR(ours[i], theirs[i], 1e-12) << key << ' ' << i;
  for (std::size_t i = theirs.size(); i < ours.size(); ++i)
    EXPECT_TRUE(std::isnan(ours[i])) << key << ' ' << i;
}

TEST(AlphalensOracle, SaysTheSameOfTheSameFactor) {
  const MadeUp made = made_up_market();
  FactorEvaluationSpec spec;
  spec.horizons = {1, 3, 7};
  spec.delay = 0;
  spec.common_sample = true;
  const EvaluationMarket market{made.dates, made.closes, made.eligible, {}, made.no_size};
  const auto blocks = [&](std::size_t, std::size_t) { return made.factor; };
  const FactorEvaluation found = evaluate_factors(made.factor.names, blocks, market, spec);
  const Values values = read_values();
  for (const FactorHorizon& horizon : found.factors.front().horizons) {
    const auto expect = [&](const std::string& name, const std::vector<double>& ours) {
      const std::string key = name + "_" + std::to_string(horizon.sessions);
      expect_series(ours, values.at(key), key);
    };
    expect("ic", horizon.ic.daily);
    expect("rank_ic", horizon.rank_ic.daily);
    expect("quantile_mean", horizon.quantiles.mean);
    expect("quantile_excess", horizon.quantiles.excess);
    expect("long_short", horizon.long_short.daily);
    expect("turnover", horizon.quantiles.turnover);
    expect("autocorrelation", {horizon.autocorrelation});
    // A t divides by a standard error: its relative error is that of both.
    const auto t_key = std::to_string(horizon.sessions);
    EXPECT_NEAR(horizon.rank_ic.newey_west_t, values.at("rank_ic_t_" + t_key)[0], 1e-10);
    EXPECT_NEAR(horizon.long_short.gross.t, values.at("long_short_t_" + t_key)[0], 1e-10);
  }
}

}  // namespace
}  // namespace orrery::alphalens_oracle_test
