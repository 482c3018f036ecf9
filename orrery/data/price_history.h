#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// Pence to a pound, cents to a dollar: by so much a price in the wrong unit is off.
inline constexpr double kMinorUnits = 100.0;

/// Whether a value can be a price.
inline bool is_price(double value) { return std::isfinite(value) && value > 0.0; }

/// One instrument's rows as a source gave them, ascending in time. Columns that the source lacks are empty,
/// missing values NaN. Several rows may share a day (bars within it).
struct PriceHistory {
  std::vector<Date> date;
  std::vector<double> open, high, low, close;
  std::vector<double> adj_close;     ///< close adjusted by the source for splits and dividends
  std::vector<double> volume;        ///< 0: nothing was traded
  std::vector<double> dividend;      ///< cash per share held the evening before; 0 or NaN: none
  std::vector<double> split_ratio;   ///< new shares for an old one; 0, 1 or NaN: none
  std::vector<double> capital_gain;  ///< the part of a fund's distribution that is one; 0 or NaN: none

  std::size_t size() const { return date.size(); }
};

/// What is wrong with prices, dividends or adjusted closes.
enum class PriceFault : std::uint8_t {
  kUnit,                 ///< prices 100 times too large or too small: pence for pounds, cents for dollars
  kSplit,                ///< a split left out, or applied twice, on some rows around its day
  kDividendUnit,         ///< a dividend 100 times too large or too small
  kDividendSplit,        ///< a dividend per share of before a later split
  kPhantomDividend,      ///< a dividend that stands there a second time, days from the first
  kDividendDay,          ///< a dividend on the wrong day
  kMissingAdjustment,    ///< adjusted closes that leave a dividend out
  kWrongAdjustment,      ///< adjusted closes that show a dividend several times too large or too small
  kDoubleCapitalGain,    ///< adjusted closes that take a capital gain off twice
  kUntradedLevel,        ///< flag: a jump by 100 or a split beside rows that nobody traded
  kUnseenSplit,          ///< flag: a split that prices as traded do not show
  kUnlistedSplit,        ///< flag: a lasting jump by about 100 with the volume going the other way
  kDifferingAdjustment,  ///< flag: an adjustment that differs from its dividend by less than thrice
  kMissingPrice,         ///< flag: a row without prices
  kJump,                 ///< flag: a move far out of what is usual
  kStaleRepeat,          ///< flag: the same prices and volume again and again
  kBadShape,             ///< flag: a high below other prices, a low above them, a price of zero or less
};
constexpr std::size_t kPriceFaults = 17;

/// Returns the fault's name in words, such as "100x unit".
std::string_view to_string(PriceFault fault);

/// Whether a repair is made for this fault. The others are told and left as they are.
bool is_repairable(PriceFault fault);

/// One finding: what stood in which rows and what stands there now.
struct PriceFinding {
  std::size_t first_row = 0, last_row = 0;  ///< the rows concerned
  std::string_view field;                   ///< a literal: prices (open to adj_close), close, dividend, …
  double was = 0.0, is = 0.0;               ///< in the last of the rows; of prices, the close
  PriceFault fault = PriceFault::kUnit;
  bool repaired = false;
  std::string reason;  ///< in words, with the numbers that speak for it
};

}  // namespace orrery
