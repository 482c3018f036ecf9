// The funding-carry study from files of bars and rates to the account, beside a slow account of its own; and
// the example on real data.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

#include "orrery/app/run_study.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "testing/shared_data.h"
#include "testing/study_plugins.h"
#include "testing/temporary_folder.h"

namespace orrery::funding_carry_test {
namespace {

using testing::study_plugins;

constexpr std::size_t kDays = 120;
constexpr double kCash = 1e6;
constexpr double kCostRate = 6e-4;

constexpr const char* kStudy = R"yaml(name: btc-carry
data:
  source: bars
  calendar: 24/7
  bars: {BTC: spot.csv, BTC_PERP: perpetual.csv}
  funding: {BTC_PERP: {rates: funding.csv, marks: perpetual.csv}}
factors:    {extra: {trailing: "Mean($funding_rate,3)"}, precision: float64}
model:      {name: factor, params: {factor: trailing}}
validation:
  folds: [{train: ["2021-01-01", "2021-01-04"], test: ["2021-01-05", "2021-04-30"]}]
execution:  {price: close, delay: 1, initial_cash: 1000000}
portfolio:  {strategy: funding_carry, pairs: BTC_PERP=BTC, gross: 1.0, enter_bps: 1, exit_bps: 0, cost_bps: 24, horizon: 30, drift: 0.1}
costs:      {commission_bps: 5, slippage_bps: 1, min_cost: 0}
baselines:  false
)yaml";

/// Bars of eight hours of the coin and of its perpetual, which strays from it, and the funding of every bar's
/// beginning, whose sign comes and goes.
struct Market {
  struct Bar {
    double open = 0.0, close = 0.0;
  };
  std::vector<std::array<Bar, 3>> spot, perpetual;
  std::vector<std::array<double, 3>> rate;
};

double cents(double price) { return std::round(price * 100.0) / 100.0; }

Market make_market(std::uint64_t seed) {
  Random random(seed);
  Market market;
  double price = 50'000.0, basis = 0.0;
  for (std::size_t day = 0; day < kDays; ++day) {
    auto& spot = market.spot.emplace_back();
    auto& perpetual = market.perpetual.emplace_back();
    auto& rate = market.rate.emplace_back();
    for (std::size_t k = 0; k < 3; ++k) {
      spot[k].open = cents(price);
      perpetual[k].open = cents(price * (1.0 + basis));
      price *= std::exp(0.015 * random.normal());
      basis = 0.9 * basis + 0.0005 * random.normal();
      spot[k].close = cents(price);
      perpetual[k].close = cents(price * (1.0 + basis));
      const double wave = std::sin(static_cast<double>(day) / 12.0);
      rate[k] = std::round((1.5e-4 * wave + 3e-5 * random.normal()) * 1e8) / 1e8;
    }
  }
  return market;
}

std::string hour_of(std::size_t day, std::size_t k) {
  const Timestamp moment{start_of(make_date(2021, 1, 1) + static_cast<int>(day)).nanoseconds +
                         static_cast<std::int64_t>(k) * 8 * 3'600 * kNanosecondsPerSecond};
  std::string text = to_string(moment);
  text.pop_back();  // the Z
  return text;
}

std::string bars_text(const std::vector<std::array<Market::Bar, 3>>& days) {
  std::string text = "date,open,high,low,close,volume\n";
  for (std::size_t day = 0; day < days.size(); ++day) {
    for (std::size_t k = 0; k < 3; ++k) {
      const auto& bar = days[day][k];
      text += fmt::format("{}Z,{},{},{},{},1000000\n", hour_of(day, k), bar.open,
                          std::max(bar.open, bar.close), std::min(bar.open, bar.close), bar.close);
    }
  }
  return text;
}

/// Rates as exchanges stamp them: some milliseconds late.
std::string funding_text(const Market& market) {
  std::string text = "timestamp,funding_rate\n";
  for (std::size_t day = 0; day < kDays; ++day) {
    for (std::size_t k = 0; k < 3; ++k)
      text += fmt::format("{}.{:03}Z,{:.8f}\n", hour_of(day, k), (day * 3 + k) % 19, market.rate[day][k]);
  }
  return text;
}

struct StudyFolder {
  testing::TemporaryFolder folder;

  explicit StudyFolder(const Market& market) {
    write_file_atomically(folder.path() / "spot.csv", bars_text(market.spot));
    write_file_atomically(folder.path() / "perpetual.csv", bars_text(market.perpetual));
    write_file_atomically(folder.path() / "funding.csv", funding_text(market));
    write_file_atomically(folder.path() / "study.yaml", kStudy);
  }
  Study study(const StudyOverrides& overrides = {}) const {
    return read_study(folder.path() / "study.yaml", overrides, study_plugins());
  }
  BacktestResult run(const StudyOverrides& overrides = {}) const {
    return run_study(study(overrides), study_plugins(), {1}).evaluation.backtest;
  }
};

/// The same account in doubles, a loop over days with nothing of the engine's: funding on what was held
/// overnight, then the trades of yesterday's decision, then today's.
class SlowCarry {
 public:
  explicit SlowCarry(const Market& market) : market_(market) {}

  std::vector<double> run(std::size_t first, std::size_t last) {
    std::vector<double> equity;
    for (std::size_t day = first; day <= last; ++day) {
      for (std::size_t k = 0; k < 3; ++k)
        receive(-market_.rate[day][k] * market_.perpetual[day][k].open * perpetual_);
      const double spot = market_.spot[day][2].close;
      const double perpetual = market_.perpetual[day][2].close;
      trade_to(wanted_perpetual_, perpetual, perpetual_);
      trade_to(wanted_spot_, spot, spot_);
      equity.push_back(cash_ + spot_ * spot + perpetual_ * perpetual);
      decide(day, equity.back(), spot, perpetual);
    }
    return equity;
  }

  double funding = 0.0;
  int entries = 0, resets = 0;

 private:
  static double micro(double quantity) { return std::trunc(quantity * 1e6) / 1e6; }

  void receive(double amount) {
    cash_ += amount;
    funding += amount;
  }

  void trade_to(double wanted, double price, double& held) {
    const double value = (wanted - held) * price;
    cash_ -= value + std::abs(value) * kCostRate;
    held = wanted;
  }

  void decide(std::size_t day, double equity, double spot, double perpetual) {
    double trailing = 0.0;
    for (std::size_t back = 0; back < 3; ++back) {
      for (const double rate : market_.rate[day - back]) trailing += rate / 3.0;
    }
    const bool held = spot_ != 0.0;
    const double w_spot = spot_ * spot / equity, w_perpetual = perpetual_ * perpetual / equity;
    const bool drifted = std::abs(w_spot - 0.5) > 0.05 || std::abs(w_perpetual + 0.5) > 0.05 ||
                         std::abs(w_spot + w_perpetual) > 0.05;
    const bool enters = !held && trailing - 24e-4 / 30.0 > 1e-4;
    const bool stays = held && trailing > 0.0;
    if (held && !stays) wanted_spot_ = wanted_perpetual_ = 0.0;
    if (!enters && !(stays && drifted)) return;
    (enters ? entries : resets) += 1;
    wanted_spot_ = micro(0.5 * equity / spot);
    wanted_perpetual_ = micro(-0.5 * equity / perpetual);
  }

  const Market& market_;
  double cash_ = kCash, spot_ = 0.0, perpetual_ = 0.0, wanted_spot_ = 0.0, wanted_perpetual_ = 0.0;
};

TEST(FundingCarry, EarnsWhatASlowAccountEarns) {
  for (const std::uint64_t seed : {1, 2, 3}) {
    const Market market = make_market(seed);
    const BacktestResult result = StudyFolder(market).run();
    SlowCarry slow(market);
    const auto equity = slow.run(4, kDays - 1);
    ASSERT_EQ(result.daily.size(), equity.size());
    EXPECT_GE(slow.entries, 2);
    EXPECT_GE(slow.resets, 1);
    // Amounts are whole micro-units there: a coin's micro-share costs up to ten cents.
    for (std::size_t i = 0; i < equity.size(); ++i) {
      ASSERT_NEAR(result.daily[i].equity.units(), equity[i], 0.5) << "seed " << seed << ", day " << i;
    }
    EXPECT_NEAR(result.funding.units(), slow.funding, 0.5);
    EXPECT_GT(result.funding.units(), 1'000.0);
    const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
    EXPECT_TRUE(books.verified()) << books.summary();
  }
}

TEST(FundingCarry, HoldsBothLegsOrNone) {
  const BacktestResult result = StudyFolder(make_market(4)).run();
  std::size_t held = 0;
  for (const DailyRow& day : result.daily) {
    EXPECT_TRUE(day.positions == 0 || day.positions == 2);
    held += day.positions == 2 ? 1 : 0;
    EXPECT_NEAR(day.long_exposure + day.short_exposure, 0.0, 0.02);
  }
  EXPECT_GT(held, 20u);
  EXPECT_LT(held, result.daily.size());
}

// The perpetual jumps a third above the coin and stays there: a hedge that fails. A sixth of the account is
// gone, and the second level closes what is speculative.
TEST(FundingCarry, TheLadderClosesBothLegsWhereTheHedgeFails) {
  Market market = make_market(5);
  for (auto& day : market.rate) day.fill(3e-4);
  for (std::size_t day = 60; day < kDays; ++day) {
    for (std::size_t k = 0; k < 3; ++k) {
      market.perpetual[day][k].open = cents(market.perpetual[day][k].open * 1.2);
      market.perpetual[day][k].close = cents(market.perpetual[day][k].close * 1.2);
    }
  }
  const StudyFolder folder(market);
  const auto bare = folder.run();
  EXPECT_EQ(bare.daily.back().positions, 2u);
  const auto guarded = folder.run({{"risk.ladder", "{speculative: [BTC, BTC_PERP]}"}});
  ASSERT_FALSE(guarded.risk_events.empty());
  EXPECT_GE(guarded.risk_events.front().to, 2);
  const std::size_t fall = 60 - 4;
  EXPECT_EQ(guarded.daily[fall - 1].positions, 2u);
  EXPECT_EQ(guarded.daily[fall + 1].positions, 0u);
}

TEST(FundingCarry, WrongPairsAreNamed) {
  const StudyFolder folder(make_market(6));
  const auto said = [&](const char* pairs) -> std::string {
    try {
      folder.run({{"portfolio.pairs", pairs}});
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(said("BTC_PREP=BTC").find("did you mean 'BTC_PERP'"), std::string::npos);
  EXPECT_NE(said("BTC_PERP").find("such as BTC_PERP=BTC"), std::string::npos);
  EXPECT_NE(said("BTC_PERP=BTC, BTC=BTC_PERP").find("stands in it twice"), std::string::npos);
}

TEST(FundingCarry, FilesAreNamedBySymbol) {
  const StudyFolder folder(make_market(7));
  const auto said = [&](const StudyOverrides& overrides) -> std::string {
    try {
      folder.study(overrides);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_NE(said({{"data.bars", "[]"}}).find("data.bars"), std::string::npos);
  EXPECT_NE(
      said({{"data.funding", "{BTC_PERP: {marks: perpetual.csv}}"}}).find("data.funding.BTC_PERP.rates"),
      std::string::npos);
  EXPECT_NE(said({{"model.params", "{factor: 3}"}}).find("factor"), std::string::npos);
}

// The sum of what XRP's shorts got is checked by a loop over its rates and the contracts held.
TEST(FundingCarry, TheExampleRunsOnRealFunding) {
  ORRERY_SHARED_OR_SKIP(folder, "data/freqtrade");
  const auto file = [&](const char* name) { return std::filesystem::absolute(folder / name).string(); };
  const auto bars = file("XRP_USDT_USDT-8h-mark.feather");
  const auto rates = file("XRP_USDT_USDT-8h-funding_rate.feather");
  const auto example = std::filesystem::path("examples/funding_carry.yaml");
  const Study study =
      read_study(example,
                 {{"data.bars", fmt::format("{{XRP: '{0}', XRP_PERP: '{0}'}}", bars)},
                  {"data.funding", fmt::format("{{XRP_PERP: {{rates: '{}', marks: '{}'}}}}", rates, bars)}},
                 study_plugins());
  const StudyRun run = run_study(study, study_plugins(), {1});
  const BacktestResult& result = run.evaluation.backtest;
  double expected = 0.0;
  std::size_t position = 0;
  double held = 0.0;
  for (const DailyRow& day : result.daily) {
    for (const auto& payment : run.prices.market.funding) {
      if (run.prices.market.dates[payment.row] == day.date) expected -= payment.rate * payment.mark * held;
    }
    held = 0.0;
    for (; position < result.positions.size() && result.positions[position].date == day.date; ++position) {
      const auto& row = result.positions[position];
      if (result.symbols[row.instrument] == "XRP_PERP") held = row.quantity.units();
    }
  }
  EXPECT_GT(expected, 100.0);
  EXPECT_NEAR(result.funding.units(), expected, 1e-3);
  // The legs have one price: what is earned is funding less costs.
  EXPECT_NEAR(result.daily.back().equity.units() - 1e6,
              (result.funding - result.commission - result.slippage).units(), 0.01);
}

}  // namespace
}  // namespace orrery::funding_carry_test
