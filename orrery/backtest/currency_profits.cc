#include "orrery/backtest/currency_profits.h"

#include <cmath>
#include <map>
#include <set>

namespace orrery {
namespace {

/// A position as a session leaves it.
struct Held {
  double value = 0.0;
  double rate = 1.0;  ///< that its price was exchanged at
};

/// What a booking pays because of what a name did, before costs; fees of borrowing are costs.
double cash_of(const JournalEntry& entry) {
  switch (entry.kind) {
    case EntryKind::kTrade:
    case EntryKind::kCashInLieu:
    case EntryKind::kDelisting:
      return entry.side == OrderSide::kBuy ? -entry.value.units() : entry.value.units();
    case EntryKind::kDividend:
    case EntryKind::kFunding:
      return entry.value.units();
    default:
      return 0.0;
  }
}

/// Walks through the sessions of a result.
class Walk {
 public:
  Walk(const BacktestResult& result, const MarketData& market)
      : result_(result),
        market_(market),
        rates_(market.field(kExchangeRateField)),
        currencies_(market.currencies.begin(), market.currencies.end()) {}

  std::vector<CurrencyDay> days() {
    std::vector<CurrencyDay> days;
    for (const DailyRow& daily : result_.daily) {
      std::map<std::string, CurrencyDay> by_currency;
      for (const std::string& currency : currencies_) {
        CurrencyDay& day = by_currency[currency];
        day.date = daily.date;
        day.currency = currency;
      }
      const std::size_t row = market_.lower_row(daily.date);
      note_rates(row, by_currency);
      add_overnight(row, by_currency);
      add_bookings(daily.date, by_currency);
      take_positions(row, daily, by_currency);
      for (auto& [currency, day] : by_currency) days.push_back(std::move(day));
    }
    return days;
  }

 private:
  void note_rates(std::size_t row, std::map<std::string, CurrencyDay>& by_currency) const {
    for (std::size_t i = 0; i < market_.instruments(); ++i) {
      by_currency.find(market_.currencies[i])->second.rate = rates_(row, i);
    }
  }

  /// What was held before the session: its value leaves, and the change of the rate is told.
  void add_overnight(std::size_t row, std::map<std::string, CurrencyDay>& by_currency) {
    for (const auto& [instrument, held] : held_) {
      CurrencyDay& day = by_currency.find(market_.currencies[instrument])->second;
      const bool has_bar = market_.present(row, instrument) != 0;
      const double exchange = has_bar ? held.value * (rates_(row, instrument) / held.rate - 1.0) : 0.0;
      day.exchange_profit += exchange;
      day.price_profit -= held.value + exchange;
    }
  }

  void add_bookings(Date date, std::map<std::string, CurrencyDay>& by_currency) {
    for (; entry_ < result_.journal.size() && result_.journal[entry_].session.date <= date; ++entry_) {
      const JournalEntry& entry = result_.journal[entry_];
      if (entry.instrument == kNoInstrument) continue;
      by_currency.find(market_.currencies[entry.instrument])->second.price_profit += cash_of(entry);
    }
  }

  /// What is held after the session: its value comes.
  void take_positions(std::size_t row, const DailyRow& daily,
                      std::map<std::string, CurrencyDay>& by_currency) {
    std::map<std::uint32_t, Held> after;
    for (; position_ < result_.positions.size() && result_.positions[position_].date <= daily.date;
         ++position_) {
      const PositionRow& position = result_.positions[position_];
      const double value = multiply(position.mark, position.quantity).units();
      const auto before = held_.find(position.instrument);
      const bool keeps_rate = market_.present(row, position.instrument) == 0 && before != held_.end();
      after[position.instrument] = {value,
                                    keeps_rate ? before->second.rate : rates_(row, position.instrument)};
      CurrencyDay& day = by_currency.find(market_.currencies[position.instrument])->second;
      day.price_profit += value;
      if (daily.equity.micros > 0) day.exposure += value / daily.equity.units();
    }
    held_ = std::move(after);
  }

  const BacktestResult& result_;
  const MarketData& market_;
  const Panel& rates_;
  const std::set<std::string> currencies_;
  std::map<std::uint32_t, Held> held_;
  std::size_t entry_ = 0;
  std::size_t position_ = 0;
};

}  // namespace

std::vector<CurrencyDay> currency_profits(const BacktestResult& result, const MarketData& market) {
  if (market.currencies.empty()) return {};
  return Walk(result, market).days();
}

}  // namespace orrery
