#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/market/panel.h"

namespace orrery {

/// Why an instrument's series ends, and what its holder got after the last price.
struct Delisting {
  std::size_t instrument = 0;
  std::size_t row = 0;            ///< session on which the position is closed
  double delisting_return = 0.0;  ///< return on the last price: 0 for a merger, -0.30 for poor performance
  std::string reason;             ///< "merger", "performance", "unknown"
};

/// What the holders of a perpetual future pay each other at one moment.
struct FundingPayment {
  std::size_t instrument = 0;
  std::size_t row = 0;    ///< session that the moment lies in, or the first after it
  Timestamp moment = {};  ///< when it counts who holds how much
  double rate = 0.0;      ///< of the position's value; a positive one is paid by long to short positions
  double mark = 0.0;      ///< price of one contract that the value is counted at, above 0
};

/// The field of exchange rates, where instruments are traded in several currencies: units of the account's
/// that one unit of the instrument's own costs. All money of MarketData is in the account's: local prices are
/// what is left of them over this.
inline constexpr const char* kExchangeRateField = "exchange_rate";

/// A symbol that an instrument changed for another.
struct Rename {
  std::string from, to;
  Date day;  ///< the first day under the new symbol

  bool operator==(const Rename&) const = default;
};

/// Everything known about a set of instruments on one calendar, as dense panels with the same axes.
///
/// `fields` are what factors see: prices chained forward from each symbol's first bar by the ratio of
/// adjusted to raw returns (so that adding a day never changes the past), volume divided by the same factor,
/// and any further numeric columns as they came. `raw` holds `open, high, low, close, volume` as traded;
/// fills, whole shares, minimum price and commissions use those. Missing: NaN; `present` is 1 exactly where a
/// good bar exists.
struct MarketData {
  std::vector<Date> dates;           ///< ascending sessions; rows
  std::vector<std::string> symbols;  ///< ascending byte order; columns
  std::map<std::string, Panel, std::less<>> fields;
  std::map<std::string, Panel, std::less<>> raw;
  MaskPanel present;
  Panel dividend;                       ///< cash per raw share that goes ex on that session; 0 for none
  Panel split_ratio;                    ///< new shares for one old share from that session on; 1 for none
  std::vector<int> first_row;           ///< by instrument: row of its first bar
  std::vector<int> last_row;            ///< by instrument: row of its last bar
  std::vector<std::string> sectors;     ///< by instrument; "" when unknown
  std::vector<Delisting> delistings;    ///< recorded ones only; none are guessed here
  std::vector<FundingPayment> funding;  ///< by moment, then instrument; no two of both
  std::vector<Rename> renames;          ///< by which instruments are called by their last symbol; by day
  bool delivered_adjusted = false;      ///< the source had no raw prices of its own
  std::string account_currency;         ///< all money above is in it; "": nobody says
  std::vector<std::string> currencies;  ///< by instrument: what it is traded in; empty: nobody says

  std::size_t rows() const { return dates.size(); }
  std::size_t instruments() const { return symbols.size(); }

  /// Whether an instrument is traded in another currency than the account's.
  bool is_foreign(std::size_t instrument) const {
    return !currencies.empty() && currencies[instrument] != account_currency;
  }

  /// Errors: kNotFound, naming the fields there are.
  const Panel& field(std::string_view name) const;
  const Panel& raw_field(std::string_view name) const;

  /// Returns the row of the first session on or after `date`, or rows() when there is none.
  std::size_t lower_row(Date date) const;
  /// Returns the column of a symbol, if it is there.
  std::optional<std::size_t> find_symbol(std::string_view symbol) const;
};

}  // namespace orrery
