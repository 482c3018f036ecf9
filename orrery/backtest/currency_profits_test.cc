// Names in several currencies: the account against one kept in local money, and its profit split in two.
#include "orrery/backtest/currency_profits.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/random.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::currency_profits_test {
namespace {

using testing::ScriptedStrategy;
using testing::to_hold;
using testing::to_weight;

/// Multiplies prices as the loading of prices does.
MarketData exchanged(MarketData market, const std::vector<std::string>& currencies, const Panel& rates) {
  market.account_currency = "USD";
  market.currencies = currencies;
  for (auto* fields : {&market.raw, &market.fields}) {
    for (auto& [name, panel] : *fields) {
      if (name == "volume") continue;
      for (std::size_t row = 0; row < market.rows(); ++row) {
        for (std::size_t i = 0; i < market.instruments(); ++i) panel(row, i) *= rates(row, i);
      }
    }
  }
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) market.dividend(row, i) *= rates(row, i);
  }
  market.fields[kExchangeRateField] = rates;
  return market;
}

// 5,000 dollars buy 40 shares at 100 euros and 1.25 dollars; at 110 euros and 1.5 dollars they are 6,600. Had
// the price not moved, 6,000: the rate did 1,000, the price 10 % of what was then 6,000.
TEST(CurrencyProfits, APositionInOneOtherCurrency) {
  Panel rates(3, 2, 1.0);
  rates(0, 1) = rates(1, 1) = 1.25;
  rates(2, 1) = 1.5;
  const MarketData market =
      exchanged(testing::make_market({{"A", {10.0, 10.0, 10.0}}, {"SAP", {100.0, 100.0, 110.0}}}),
                {"USD", "EUR"}, rates);
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.costs.commission_bps = 10.0;
  config.costs.exchange_bps = 20.0;
  ScriptedStrategy strategy({{0, {to_weight(0, 0.4), to_weight(1, 0.5)}}});
  const BacktestResult result = run_backtest(market, Panel(3, 2, 0.0), strategy, config);
  EXPECT_EQ(result.commission, to_money(4.0 + 5.0 + 10.0))
      << "10 bp of both, and 20 bp of what was exchanged";
  const auto days = currency_profits(result, market);
  ASSERT_EQ(days.size(), 6u);
  EXPECT_EQ(days[4].currency, "EUR");
  EXPECT_EQ(days[4].rate, 1.5);
  EXPECT_NEAR(days[4].exchange_profit, 1'000.0, 1e-9);
  EXPECT_NEAR(days[4].price_profit, 600.0, 1e-9);
  EXPECT_NEAR(days[4].exposure, 6'600.0 / result.daily.back().equity.units(), 1e-12);
  EXPECT_EQ(days[5].currency, "USD");
  EXPECT_NEAR(days[5].exchange_profit, 0.0, 1e-9);
  EXPECT_NEAR(days[5].exposure, 4'000.0 / result.daily.back().equity.units(), 1e-12);
}

TEST(CurrencyProfits, ThereAreNoneWhereNobodySaysACurrency) {
  const MarketData market = testing::make_market({{"A", {10.0, 10.0}}});
  ScriptedStrategy strategy({});
  EXPECT_TRUE(currency_profits(run_backtest(market, Panel(2, 1, 0.0), strategy, {}), market).empty());
}

/// A market of three currencies with gaps, dividends and moving rates, in local money and in the account's.
struct World {
  MarketData local, market;
  Panel rates;
};

World make_world(std::uint64_t seed) {
  World world;
  world.local = testing::make_random_market(120, 9, seed, 0.05);
  Random random(seed + 1);
  const std::vector<std::string> names = {"USD", "EUR", "JPY"};
  std::vector<std::string> currencies;
  for (std::size_t i = 0; i < 9; ++i) currencies.push_back(names[i % 3]);
  world.rates = Panel(120, 9, 1.0);
  double euro = 1.1, yen = 0.009;
  for (std::size_t row = 0; row < 120; ++row) {
    euro *= std::exp(0.01 * random.normal());
    yen *= std::exp(0.01 * random.normal());
    for (std::size_t i = 0; i < 9; ++i) {
      if (i % 3 == 1) world.rates(row, i) = euro;
      if (i % 3 == 2) world.rates(row, i) = yen;
      const bool pays = random.uniform() < 0.02 && world.local.present(row, i) != 0;
      if (pays) world.local.dividend(row, i) = 0.5;
    }
  }
  world.market = exchanged(world.local, currencies, world.rates);
  return world;
}

BacktestResult trade(const MarketData& market, std::uint64_t seed) {
  Random random(seed);
  std::map<std::size_t, std::vector<Target>> script;
  for (std::size_t row = 0; row < market.rows(); row += 7) {
    for (std::uint32_t i = 0; i < 9; ++i) {
      const double weight = 0.2 * random.uniform() - 0.05;
      script[row].push_back(market.present(row, i) != 0 ? to_weight(i, weight) : to_hold(i));
    }
  }
  BacktestConfig config;
  config.costs = {5.0, 3.0, 0.0, 2.0};
  config.financing.borrow = 0.03;
  config.financing.cash = 0.02;
  config.delist_after = 1000;
  ScriptedStrategy strategy(std::move(script));
  return run_backtest(market, Panel(market.rows(), 9, 0.0), strategy, config);
}

constexpr double kHalfMicro = 0.5e-6;  // what rounding a price or an amount may change

// The independent account keeps shares and local prices, and exchanges each amount by itself.
TEST(CurrencyProfits, TheAccountIsThatOfOneKeptInLocalMoney) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const World world = make_world(seed);
    const BacktestResult result = trade(world.market, seed);
    std::map<std::uint32_t, double> shares;
    std::map<std::uint32_t, double> last;  // local price × rate of the last bar
    double cash = 0.0;
    double rounding = 1e-4;  // of the sums here
    std::size_t entry = 0;
    for (const DailyRow& daily : result.daily) {
      const std::size_t row = world.market.lower_row(daily.date);
      for (; entry < result.journal.size() && result.journal[entry].session.date <= daily.date; ++entry) {
        const JournalEntry& booked = result.journal[entry];
        const std::uint32_t i = booked.instrument;
        if (booked.kind == EntryKind::kTrade) {
          const double change = (booked.side == OrderSide::kBuy ? 1.0 : -1.0) * booked.quantity.units();
          const double value = change * world.local.raw_field("close")(row, i) * world.rates(row, i);
          const double cost = std::abs(value) * (5.0 + 3.0 + (i % 3 == 0 ? 0.0 : 2.0)) / 1e4;
          cash -= value + cost;
          shares[i] += change;
          rounding += kHalfMicro * std::abs(change) + 4.0 * kHalfMicro;
        } else if (booked.kind == EntryKind::kDividend) {
          cash += shares[i] * world.local.dividend(row, i) * world.rates(row, i);
          rounding += kHalfMicro * std::abs(shares[i]) + kHalfMicro;
        } else {
          cash += booked.value.units();
        }
      }
      double equity = cash;
      double marking = 0.0;
      for (std::uint32_t i = 0; i < 9; ++i) {
        if (world.local.present(row, i) != 0)
          last[i] = world.local.raw_field("close")(row, i) * world.rates(row, i);
        if (shares[i] != 0.0) equity += shares[i] * last[i];
        marking += kHalfMicro * std::abs(shares[i]) + kHalfMicro;
      }
      EXPECT_NEAR(daily.equity.units(), equity, rounding + marking) << to_string(daily.date);
    }
    const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
    EXPECT_TRUE(books.verified()) << books.summary();
  }
}

TEST(CurrencyProfits, BothPartsAddUpToTheChangeOfEquity) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const World world = make_world(seed);
    const BacktestResult result = trade(world.market, seed);
    double profit = 0.0;
    double exchange = 0.0;
    for (const CurrencyDay& day : currency_profits(result, world.market)) {
      profit += day.price_profit + day.exchange_profit;
      exchange += std::abs(day.exchange_profit);
      if (day.currency == "USD") {
        EXPECT_EQ(day.exchange_profit, 0.0);
      }
    }
    EXPECT_GT(exchange, 1'000.0);
    const Money other = result.interest - result.borrow_fees - result.commission - result.slippage;
    const Money change = result.daily.back().equity - result.initial_cash;
    EXPECT_NEAR(profit, (change - other).units(), 1e-4) << "sums of some thousand doubles of up to a million";
  }
}

/// A limit is named in the instrument's own currency: a move of the rate alone does not reach it.
TEST(CurrencyProfits, AnOrdersPriceMovesWithTheRate) {
  Panel rates(3, 1, 1.25);
  rates(1, 0) = 1.0;
  const MarketData market = exchanged(testing::make_market({{"SAP", {100.0, 100.0, 100.0}}}), {"EUR"}, rates);
  BacktestConfig config;
  config.priced.offset = 0.05;
  ScriptedStrategy strategy({{0, {to_weight(0, 0.5)}}});
  const BacktestResult result = run_backtest(market, Panel(3, 1, 0.0), strategy, config);
  ASSERT_EQ(result.unfilled.size(), 1u) << "20 % cheaper in dollars, but not in euros";
  EXPECT_EQ(result.unfilled[0].reason, UnfilledReason::kPrice);
}

}  // namespace
}  // namespace orrery::currency_profits_test
