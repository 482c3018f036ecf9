// Orders with a price, and decisions that are traded over several sessions.
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::order_types_test {
namespace {

using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_cash_share;
using testing::to_weight;

using Script = std::map<std::size_t, std::vector<Target>>;

BacktestResult run(const MarketData& market, const BacktestConfig& config, const Script& script) {
  const Panel scores(market.rows(), market.instruments(), 0.0);
  ScriptedStrategy strategy(script);
  BacktestResult result = run_backtest(market, scores, strategy, config);
  const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
  EXPECT_TRUE(books.verified()) << books.summary();
  return result;
}

BacktestConfig priced(OrderType type, double offset, PricedOrders::Of of = PricedOrders::Of::kEntries) {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.priced = {type, offset, of};
  return config;
}

/// One day's bar.
struct Bar {
  double open, high, low, close;
};

/// A name that closes at 100, and then has a bar.
MarketData market_with(const Bar& bar) {
  MarketData market = make_market({{"A", {100.0, bar.close}}});
  market.raw.at("open")(1, 0) = bar.open;
  market.raw.at("high")(1, 0) = bar.high;
  market.raw.at("low")(1, 0) = bar.low;
  return market;
}

/// Returns the price at which an order to buy or to sell short half the equity is filled in the second
/// session; 0: it isn't.
double fill_of(OrderType type, double offset, bool buys, const Bar& bar) {
  const auto result = run(market_with(bar), priced(type, offset), {{0, {to_weight(0, buys ? 0.5 : -0.5)}}});
  if (result.journal.size() == 2) {
    EXPECT_TRUE(result.unfilled.empty());
    return result.journal[1].price.units();
  }
  EXPECT_EQ(result.unfilled.size(), 1u);
  EXPECT_EQ(result.unfilled[0].reason, UnfilledReason::kPrice);
  return 0.0;
}

struct Case {
  const char* what;
  OrderType type;
  bool buys;
  Bar bar;
  double price;  ///< 0: not filled
};

TEST(OrderTypes, ADailyBarDecidesAgainstTheTraderWhatItCannotTell) {
  // 2 % from a close of 100: a purchase's limit is 98, its stop 102; a sale's limit 102, its stop 98.
  const std::vector<Case> cases = {
      {"the open is better", OrderType::kLimit, true, {97, 99, 96, 98}, 97},
      {"trades through", OrderType::kLimit, true, {99, 100, 97.5, 99}, 98},
      {"only touches", OrderType::kLimit, true, {99, 100, 98, 99}, 0},
      {"opens at the limit and goes up", OrderType::kLimit, true, {98, 100, 98, 99}, 0},
      {"opens at the limit and goes through", OrderType::kLimit, true, {98, 100, 97, 99}, 98},
      {"stays above", OrderType::kLimit, true, {99, 100, 98.5, 99}, 0},
      {"the open is better for a sale", OrderType::kLimit, false, {103, 104, 101, 102}, 103},
      {"a sale trades through", OrderType::kLimit, false, {101, 102.5, 100, 101}, 102},
      {"a sale only touches", OrderType::kLimit, false, {101, 102, 100, 101}, 0},
      {"a gap over the stop", OrderType::kStop, true, {104, 105, 103, 104}, 104},
      {"reaches the stop", OrderType::kStop, true, {101, 102, 100, 101}, 102},
      {"stays below the stop", OrderType::kStop, true, {101, 101.9, 100, 101}, 0},
      {"a gap under a sale's stop", OrderType::kStop, false, {95, 99, 94, 96}, 95},
      {"a sale reaches its stop", OrderType::kStop, false, {99, 100, 98, 99}, 98},
      {"the close is better", OrderType::kLimitOnClose, true, {99, 100, 90, 97}, 97},
      {"the close equals the limit", OrderType::kLimitOnClose, true, {97, 100, 90, 98}, 0},
      {"only the day was better", OrderType::kLimitOnClose, true, {97, 100, 90, 99}, 0},
      {"a sale's close is better", OrderType::kLimitOnClose, false, {99, 104, 98, 103}, 103},
  };
  for (const Case& one : cases) EXPECT_EQ(fill_of(one.type, 0.02, one.buys, one.bar), one.price) << one.what;
}

/// Walks a bar cent by cent, by the order in which it may have had its extremes, and gives the fill; 0: none.
double fill_on_path(OrderType type, bool buys, double price, const std::vector<int>& corners) {
  double last = 0.0;
  bool begun = false;
  for (std::size_t corner = 0; corner < corners.size(); ++corner) {
    int cent = begun ? corners[corner - 1] : corners[corner];
    const int step = corners[corner] >= cent ? 1 : -1;
    for (;; cent += step) {
      last = cent / 100.0;
      const double edge = buys == (type == OrderType::kLimit) ? price - last : last - price;
      const bool there = type == OrderType::kLimit ? edge > 1e-9 : edge > -1e-9;
      if (there) return begun ? price : last;
      begun = true;
      if (cent == corners[corner]) break;
    }
  }
  return 0.0;
}

TEST(OrderTypes, AgreeWithAWalkAlongTheWorstPath) {
  Random random(31);
  std::size_t filled = 0, unfilled = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto cents = [&] { return static_cast<int>(9600 + random.below(800)); };
    int low = cents(), high = cents();
    if (low > high) std::swap(low, high);
    const auto within = [&] {
      return low + static_cast<int>(random.below(static_cast<std::uint64_t>(high - low) + 1));
    };
    const int open = within(), close = within();
    const bool buys = random.below(2) == 0;
    const OrderType type = random.below(2) == 0 ? OrderType::kLimit : OrderType::kStop;
    const double offset = static_cast<double>(random.below(5)) / 100.0 - 0.01;
    const double price = 100.0 * (buys == (type == OrderType::kLimit) ? 1.0 - offset : 1.0 + offset);
    const double one = fill_on_path(type, buys, price, {open, high, low, close});
    const double other = fill_on_path(type, buys, price, {open, low, high, close});
    ASSERT_EQ(one == 0.0, other == 0.0);
    const double worse = one == 0.0 ? 0.0 : buys ? std::max(one, other) : std::min(one, other);
    const double found =
        fill_of(type, offset, buys, {open / 100.0, high / 100.0, low / 100.0, close / 100.0});
    ASSERT_NEAR(found, worse, 1e-6) << i;
    ++(found == 0.0 ? unfilled : filled);
  }
  EXPECT_GT(filled, 300u);
  EXPECT_GT(unfilled, 300u);
}

TEST(OrderTypes, OnlyTheOrdersThatAreAskedForHaveAPrice) {
  const MarketData market = make_market({{"A", {100.0, 100.0, 100.0, 100.0}}});
  const Script in_and_out = {{0, {to_weight(0, 0.5)}}, {1, {to_weight(0, 0.0)}}};
  const auto trades = [&](PricedOrders::Of of) {
    return run(market, priced(OrderType::kLimit, 0.1, of), in_and_out).journal.size() - 1;
  };
  EXPECT_EQ(trades(PricedOrders::Of::kEntries), 0u) << "nothing was bought that could be sold";
  EXPECT_EQ(trades(PricedOrders::Of::kExits), 1u);
  EXPECT_EQ(trades(PricedOrders::Of::kAll), 0u);
}

TEST(OrderTypes, APriceCountsInSharesOfItsSession) {
  MarketData market = make_market({{"A", {100.0, 50.0}}});
  market.split_ratio(1, 0) = 2.0;
  for (const char* field : {"open", "high"}) market.raw.at(field)(1, 0) = 49.9;
  market.raw.at("low")(1, 0) = 48.0;
  const auto result = run(market, priced(OrderType::kLimit, 0.02), {{0, {to_weight(0, 0.5)}}});
  ASSERT_EQ(result.journal.size(), 2u);
  EXPECT_EQ(result.journal[1].price, to_money(49.0));
}

TEST(OrderTypes, ALimitHasNoMomentThatFundingCouldAskFor) {
  MarketData market = make_market({{"A", {100.0, 100.0}}});
  market.funding.push_back({0, 1, start_of(market.dates[1]), 0.001, 100.0});
  EXPECT_THROW(run(market, priced(OrderType::kLimit, 0.1), {}), Error);
  EXPECT_NO_THROW(run(market, priced(OrderType::kLimitOnClose, 0.1), {}));
}

/// Returns the shares of a name after each session.
std::vector<double> shares_by_session(const BacktestResult& result, std::uint32_t instrument = 0) {
  std::vector<double> shares(result.daily.size(), 0.0);
  for (std::size_t t = 0; t < result.daily.size(); ++t) {
    for (const PositionRow& row : result.positions) {
      if (row.date == result.daily[t].date && row.instrument == instrument) shares[t] = row.quantity.units();
    }
  }
  return shares;
}

BacktestConfig sliced(int slices) {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.fractional = false;
  config.slices = slices;
  return config;
}

TEST(Slices, TradeEqualPartsAndTheRestInTheLastSession) {
  const MarketData market = make_market({{"A", std::vector<double>(8, 10.0)}});
  const auto result = run(market, sliced(4), {{0, {to_weight(0, 0.11)}}});  // 110 shares
  EXPECT_EQ(shares_by_session(result), (std::vector<double>{0, 27, 54, 82, 110, 110, 110, 110}));
}

TEST(Slices, AgreeWithASlowAccount) {
  Random random(5);
  MarketData market = testing::make_random_market(40, 1, 9);
  market.split_ratio(11, 0) = 2.0;
  market.split_ratio(23, 0) = 3.0;
  Script script;
  std::map<std::size_t, double> weights;
  for (const std::size_t row : {0, 6, 9, 20, 21, 30}) {
    weights[row] = 0.8 * random.uniform() - (random.below(3) == 0 ? 0.4 : 0.0);
    script[row] = {to_weight(0, weights[row])};
  }
  const auto result = run(market, sliced(4), script);
  double held = 0.0, wanted = 0.0, equity = 10'000.0;
  int left = 0;
  std::vector<double> expected;
  for (std::size_t t = 0; t < market.rows(); ++t) {
    held *= market.split_ratio(t, 0);
    wanted *= market.split_ratio(t, 0);
    if (left > 0) held += std::trunc((wanted - held) / left--);
    expected.push_back(held);
    equity = result.daily[t].equity.units();
    if (!weights.contains(t)) continue;
    wanted = std::trunc(weights[t] * equity / market.raw_field("close")(t, 0));
    left = 4;
  }
  EXPECT_EQ(shares_by_session(result), expected);
}

TEST(Slices, AVolumeShareTradesWhatItMayUntilAllIsDone) {
  const MarketData market = make_market({{"A", std::vector<double>(8, 10.0)}}, 100.0);
  BacktestConfig config = sliced(4);
  config.slice_volume_share = 0.4;
  config.max_bar_share.reset();
  const auto all = run(market, config, {{1, {to_weight(0, 0.11)}}});
  EXPECT_EQ(shares_by_session(all), (std::vector<double>{0, 0, 40, 80, 110, 110, 110, 110}));
  const auto given_up = run(market, config, {{1, {to_weight(0, 0.5)}}});
  EXPECT_EQ(shares_by_session(given_up), (std::vector<double>{0, 0, 40, 80, 120, 160, 160, 160}));
}

TEST(Slices, PartsOfTheCashAreSpentInParts) {
  const MarketData market =
      make_market({{"A", std::vector<double>(6, 10.0)}, {"B", std::vector<double>(6, 10.0)}});
  const auto result = run(market, sliced(2), {{0, {to_cash_share(0, 0.5), to_cash_share(1, 0.5)}}});
  EXPECT_EQ(shares_by_session(result, 0), (std::vector<double>{0, 250, 500, 500, 500, 500}));
  EXPECT_EQ(shares_by_session(result, 1), (std::vector<double>{0, 250, 500, 500, 500, 500}));
  const auto held = run(market, sliced(2), {{0, {to_weight(0, 0.2)}}, {3, {to_cash_share(0, 0.5)}}});
  EXPECT_EQ(shares_by_session(held), (std::vector<double>{0, 100, 200, 200, 200, 200}))
      << "it is held already";
}

}  // namespace
}  // namespace orrery::order_types_test
