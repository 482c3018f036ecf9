#include "orrery/execution/tax_lots.h"

#include <gtest/gtest.h>

#include <deque>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/execution/ledger.h"
#include "testing/bookings.h"

namespace orrery::tax_lots_test {
namespace {

using testing::split_by;
using testing::trade_for;

Date day(int n) { return make_date(2024, 1, 1) + n; }

/// Three purchases at 10, 12 and 9, and a sale of 15 at 11.
TaxLots sold_by(LotMethod method, const std::vector<std::uint64_t>& chosen = {}) {
  TaxLots lots(method);
  lots.book(trade_for(day(0), 10, 100));
  lots.book(trade_for(day(1), 10, 120));
  lots.book(trade_for(day(2), 10, 90));
  lots.choose(0, chosen);
  lots.book(trade_for(day(9), -15, 165));
  return lots;
}

std::vector<double> gains(const TaxLots& lots) {
  std::vector<double> result;
  for (const RealisedLot& lot : lots.realised()) result.push_back(lot.gain().units());
  return result;
}

TEST(TaxLots, EachMethodTakesItsLots) {
  EXPECT_EQ(gains(sold_by(LotMethod::kFifo)), (std::vector{10.0, -5.0}));
  EXPECT_EQ(gains(sold_by(LotMethod::kLifo)), (std::vector{20.0, -5.0}));
  EXPECT_EQ(gains(sold_by(LotMethod::kHighestCost)), (std::vector{-10.0, 5.0}));
  EXPECT_EQ(gains(sold_by(LotMethod::kSpecific, {3, 2})), (std::vector{20.0, -5.0}));
  EXPECT_EQ(gains(sold_by(LotMethod::kSpecific, {3})), (std::vector{20.0, 5.0}));  // the rest first in
  EXPECT_EQ(sold_by(LotMethod::kSpecific, {2}).shares(0), to_quantity(15));
}

TEST(TaxLots, AChoiceHoldsForOneSale) {
  TaxLots lots = sold_by(LotMethod::kSpecific, {3, 2});
  lots.book(trade_for(day(10), -5, 55));
  EXPECT_EQ(lots.realised().back().lot, 1u);
}

TEST(TaxLots, CommissionAndSlippageArePartOfCostAndProceeds) {
  TaxLots lots;
  lots.book(trade_for(day(0), 10, 100, 0, 1.0));
  lots.book(trade_for(day(1), -4, 48, 0, 0.5));
  EXPECT_EQ(lots.realised()[0].cost, to_money(40.4));
  EXPECT_EQ(lots.realised()[0].proceeds, to_money(47.5));
  EXPECT_EQ(lots.open(0)[0].cost, to_money(60.6));
}

TEST(TaxLots, AShortSaleHasItsProceedsFirst) {
  TaxLots lots;
  lots.book(trade_for(day(0), -10, 100));
  lots.book(trade_for(day(500), 4, 60));
  const RealisedLot& bought_back = lots.realised()[0];
  EXPECT_EQ(bought_back.proceeds, to_money(40));
  EXPECT_EQ(bought_back.cost, to_money(60));
  EXPECT_EQ(bought_back.quantity, to_quantity(-4));
  EXPECT_FALSE(bought_back.long_term());
}

TEST(TaxLots, ATradeThroughNothingClosesAndOpens) {
  TaxLots lots;
  lots.book(trade_for(day(0), 10, 100));
  lots.book(trade_for(day(1), -15, 180));
  EXPECT_EQ(gains(lots), std::vector{20.0});
  ASSERT_EQ(lots.open(0).size(), 1u);
  EXPECT_EQ(lots.open(0)[0].quantity, to_quantity(-5));
  EXPECT_EQ(lots.open(0)[0].cost, to_money(-60));
}

// IRS Pub. 550, Holding Period: bought on 5 February, sold on 5 February of the next year: not more than a
// year; sold on the 6th: long-term.
TEST(TaxLots, MoreThanAYearIsLongTerm) {
  const auto held = [](Date since, Date until) {
    RealisedLot lot;
    lot.quantity = to_quantity(1);
    lot.held_since = since;
    lot.disposed = until;
    return lot.long_term();
  };
  EXPECT_FALSE(held(make_date(2023, 2, 5), make_date(2024, 2, 5)));
  EXPECT_TRUE(held(make_date(2023, 2, 5), make_date(2024, 2, 6)));
  EXPECT_FALSE(held(make_date(2024, 2, 29), make_date(2025, 2, 28)));
  EXPECT_TRUE(held(make_date(2024, 2, 29), make_date(2025, 3, 1)));
}

TEST(TaxLots, ASplitKeepsCostAndHoldingPeriod) {
  TaxLots lots;
  lots.book(trade_for(day(0), 7, 70));
  lots.book(trade_for(day(1), 3, 36));
  lots.book(split_by(day(2), 5));
  EXPECT_EQ(lots.open(0)[0].quantity, to_quantity(10.5));
  EXPECT_EQ(lots.open(0)[1].quantity, to_quantity(4.5));
  EXPECT_EQ(lots.open(0)[1].cost, to_money(36));
  EXPECT_EQ(lots.open(0)[1].held_since, day(1));
  EXPECT_THROW(lots.book(split_by(day(2), 5, 1)), Error);
}

/// First in, first out, share by share.
class SlowFifo {
 public:
  void trade(int shares, std::int64_t price_micros) {
    for (int i = 0; i < std::abs(shares); ++i) {
      const bool buys = shares > 0;
      if (!held_.empty() && long_ != buys) {
        gain_ += long_ ? price_micros - held_.front() : held_.front() - price_micros;
        held_.pop_front();
      } else {
        long_ = buys;
        held_.push_back(price_micros);
      }
    }
  }
  std::int64_t gain() const { return gain_; }

 private:
  bool long_ = true;
  std::deque<std::int64_t> held_;
  std::int64_t gain_ = 0;
};

TEST(TaxLots, FifoGainsAreThoseOfAPlainQueueOfShares) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Random random(seed);
    TaxLots lots;
    SlowFifo slow;
    for (int i = 0; i < 300; ++i) {
      const int shares = static_cast<int>(random.below(41)) - 20;
      const double price = 1.0 + static_cast<double>(random.below(10'000)) / 100.0;
      if (shares == 0) continue;
      lots.book(trade_for(day(i), shares, std::abs(shares) * price));
      slow.trade(shares, to_money(price).micros);
      Money gain;
      for (const RealisedLot& lot : lots.realised()) gain += lot.gain();
      ASSERT_EQ(gain.micros, slow.gain()) << "seed " << seed << ", trade " << i;
    }
  }
}

TEST(TaxLots, AgreeWithTheLedgerUnderEveryMethodWithSplitsAndRestarts) {
  for (const LotMethod method :
       {LotMethod::kFifo, LotMethod::kLifo, LotMethod::kHighestCost, LotMethod::kSpecific}) {
    Random random(7);
    Ledger ledger(2);
    TaxLots lots(method);
    for (int i = 0; i < 2000; ++i) {
      const auto name = static_cast<std::uint32_t>(random.below(2));
      if (random.below(20) == 0 && ledger.find(name) != nullptr) {
        constexpr double kRatios[] = {2.0, 0.5, 1.5, 3.0, 0.1};
        JournalEntry split = split_by(day(i), 0.0, name);
        const bool large = magnitude(ledger.find(name)->quantity) > to_quantity(1e4);
        split.quantity = ledger.split(name, to_rate(large ? 0.1 : kRatios[random.below(5)]));
        lots.book(split);
      } else {
        JournalEntry trade = trade_for(day(i), 1.0, 1.0, name);
        trade.side = random.below(2) == 0 ? OrderSide::kBuy : OrderSide::kSell;
        trade.quantity = {static_cast<std::int64_t>(1 + random.below(90'000'000))};
        trade.price = {static_cast<std::int64_t>(1'000'000 + random.below(90'000'000))};
        trade.commission = {static_cast<std::int64_t>(random.below(2'000'000))};
        trade.slippage = {static_cast<std::int64_t>(random.below(2'000'000))};
        const Quantity signed_shares = trade.side == OrderSide::kBuy ? trade.quantity : -trade.quantity;
        trade.value = ledger.trade(name, signed_shares, trade.price, trade.commission, trade.slippage).value;
        lots.book(trade);
      }
      ledger.mark(std::vector<double>{50.0, 50.0});
      if (i % 101 == 0) {
        TaxLots restored(method);
        restored.restore(lots.save());
        ASSERT_EQ(restored.save(), lots.save());
        lots = std::move(restored);
      }
      Money open_cost, gain;
      for (const std::uint32_t each : {0U, 1U}) {
        const Position* position = ledger.find(each);
        ASSERT_EQ(lots.shares(each), position != nullptr ? position->quantity : Quantity{}) << i;
        for (const TaxLot& lot : lots.open(each)) open_cost += lot.cost;
      }
      for (const RealisedLot& lot : lots.realised()) gain += lot.gain();
      // All that was paid is in an open lot or was realised, to the micro-unit.
      ASSERT_EQ(ledger.cash(), gain - open_cost) << i;
    }
  }
}

TEST(TaxLots, AStateThatIsNoneIsRefused) { EXPECT_THROW(TaxLots().restore("{}"), Error); }

JournalEntry adjustment_by(Date date, double shares, double price) {
  JournalEntry entry = split_by(date, shares);
  entry.kind = EntryKind::kAdjustment;
  entry.price = to_money(price);
  return entry;
}

TEST(TaxLots, SharesThatTheBrokerHasAreALotOfTheirOwn) {
  TaxLots lots;
  lots.book(trade_for(make_date(2024, 1, 2), 10, 100));
  lots.book(adjustment_by(make_date(2024, 2, 1), 3, 12));
  ASSERT_EQ(lots.open(0).size(), 2u);
  EXPECT_EQ(lots.open(0)[1].quantity, to_quantity(3));
  EXPECT_EQ(lots.open(0)[1].cost, to_money(36));
  EXPECT_EQ(lots.open(0)[1].acquired, make_date(2024, 2, 1));
  lots.book(split_by(make_date(2024, 3, 1), 13));
  EXPECT_EQ(lots.shares(0), to_quantity(26));
}

TEST(TaxLots, SharesThatTheBrokerHasNotRealiseNothing) {
  TaxLots lots;
  lots.book(trade_for(make_date(2024, 1, 2), 10, 100));
  lots.book(trade_for(make_date(2024, 1, 3), 10, 110));
  lots.book(adjustment_by(make_date(2024, 2, 1), -15, 12));
  ASSERT_EQ(lots.open(0).size(), 1u);
  EXPECT_EQ(lots.open(0)[0].cost, to_money(55));
  lots.book(adjustment_by(make_date(2024, 2, 2), -8, 12));  // the broker is short
  ASSERT_EQ(lots.open(0).size(), 1u);
  EXPECT_EQ(lots.open(0)[0].quantity, to_quantity(-3));
  EXPECT_EQ(lots.open(0)[0].cost, to_money(-36));
  EXPECT_TRUE(lots.realised().empty());
}

}  // namespace
}  // namespace orrery::tax_lots_test
