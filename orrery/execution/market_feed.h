#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/clock.h"
#include "orrery/execution/ledger.h"
#include "orrery/portfolio/market_view.h"
#include "orrery/portfolio/score_uncertainty.h"

namespace orrery {

enum class CorporateActionKind : std::uint8_t { kSplit, kDividend, kDelisting, kFunding };

/// Something that happens to a held position without an order.
struct CorporateAction {
  CorporateActionKind kind = CorporateActionKind::kDividend;
  std::uint32_t instrument = 0;
  double amount =
      0.0;  ///< new shares for one old; cash for one share; return on the last price; funding rate
  std::string_view reason;
  double price = 0.0;  ///< kFunding: mark price of one contract
};

/// Raw prices of a session, in shares as they count in it; NaN: nobody knows.
struct KnownPrices {
  double last_close = std::numeric_limits<double>::quiet_NaN();  ///< of the last bar before the session
  double open = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN();  ///< known after the close only
};

/// What the engine knows of the market. Everything it returns belongs to the session last opened; a feed
/// never tells of later ones. Spans have one entry per instrument and hold until the next open().
class MarketFeed {
 public:
  virtual ~MarketFeed() = default;
  virtual std::span<const std::string> symbols() const = 0;
  /// Moves to a session. Sessions come in ascending order.
  virtual void open(const Session& session) = 0;
  /// Calendar days since the session before this one; 0 where there is none.
  virtual int days_since_last() const { return 0; }
  /// Appends the splits and dividends that go ex before this session's trading, splits before dividends of
  /// the same name (a dividend is per share after the split), by ascending instrument; then the funding of
  /// the session's moments before its trading, by moment. `held` may have positions of no shares: names whose
  /// orders are on their way.
  virtual void collect_entitlements(std::span<const Position> held,
                                    std::vector<CorporateAction>& actions) = 0;
  /// Appends the funding of the session's moments after its trading, by moment.
  virtual void collect_late_funding(std::span<const Position> /*held*/,
                                    std::vector<CorporateAction>& /*actions*/) {}
  /// Appends the held names that are delisted at this session's close, by ascending instrument.
  virtual void collect_delistings(std::span<const Position> held, std::vector<CorporateAction>& actions) = 0;
  /// Raw closing prices; NaN where there is no bar.
  virtual std::span<const double> closes() const = 0;
  /// Scores made from what was known at this session's close; NaN: none.
  virtual std::span<const double> scores() const = 0;
  /// How sure those scores are; empty where nobody knows.
  virtual ScoreUncertainty uncertainty() const { return {}; }
  /// What a strategy may see of prices up to this session's close; null where there is nothing to see.
  virtual const MarketView* view() const { return nullptr; }
  /// Returns what is known of an instrument's prices beside the close.
  virtual KnownPrices known_prices(std::uint32_t /*instrument*/) const { return {}; }
  /// 1 where the instrument has a bar and is not delisted.
  virtual std::span<const std::uint8_t> tradable() const = 0;
  /// Returns the mean daily volume of the bars among the `sessions` before this one, in shares as they
  /// count now (split-adjusted); 0 when there were none, infinite when the data has no volume.
  virtual double trailing_volume(std::uint32_t instrument, int sessions) const = 0;
};

}  // namespace orrery
