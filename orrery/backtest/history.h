#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/clock.h"
#include "orrery/execution/market_feed.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Walks over the sessions of a range of rows, without waiting.
class SessionClock final : public Clock {
 public:
  /// `dates` must outlive the clock; `rows` lies within them.
  SessionClock(std::span<const Date> dates, RowRange rows) : dates_(dates), rows_(rows), next_(rows.begin) {}

  std::optional<Session> next() override;
  Session now() const override { return now_; }

 private:
  std::span<const Date> dates_;
  RowRange rows_;
  std::size_t next_;
  Session now_;
};

struct HistoryFeedConfig {
  int delist_after = 5;                   ///< sessions in a row without a bar
  double unknown_delisting_return = 0.0;  ///< where no record says more
  /// Orders are filled at the session's first moment, 00:00 UTC, not at its end: funding of later moments is
  /// paid by who holds after them.
  bool trades_at_open = false;
};

/// Why a position was closed without an order, as it stands in the journal.
inline constexpr std::string_view kUnknownDelisting = "delisted: unknown";

/// A market of recorded bars, with scores beside them.
/// Delistings: a record closes the position on its row with its return (an unknown reason or a missing
/// return: the configured one); without a record, the `delist_after`-th session in a row without a bar does,
/// with the configured return, whether or not the name comes back later, which could not be known. The end of
/// the data is no delisting.
class HistoryFeed final : public MarketFeed, private MarketView {
 public:
  /// `market`, `scores` and the panels of `uncertainty` (same rows and columns) must outlive the feed.
  HistoryFeed(const MarketData& market, const Panel& scores, const HistoryFeedConfig& config,
              const UncertaintyPanels& uncertainty = {});

  std::span<const std::string> symbols() const override { return market_.symbols; }
  void open(const Session& session) override;
  int days_since_last() const override;
  void collect_entitlements(std::span<const Position> held, std::vector<CorporateAction>& actions) override;
  void collect_late_funding(std::span<const Position> held, std::vector<CorporateAction>& actions) override;
  void collect_delistings(std::span<const Position> held, std::vector<CorporateAction>& actions) override;
  std::span<const double> closes() const override { return close_->row(row_); }
  std::span<const double> scores() const override { return scores_.row(row_); }
  ScoreUncertainty uncertainty() const override { return uncertainty_.at(row_); }
  const MarketView* view() const override { return this; }
  KnownPrices known_prices(std::uint32_t instrument) const override;
  std::span<const std::uint8_t> tradable() const override { return tradable_; }
  double trailing_volume(std::uint32_t instrument, int sessions) const override;

 private:
  void trailing_returns(std::uint32_t instrument, std::span<double> returns) const override;
  std::string_view sector(std::uint32_t instrument) const override;
  double exchange_step(std::size_t since, std::uint32_t instrument) const;
  double split_ratio(std::size_t row, std::uint32_t instrument) const;
  bool is_before_trading(const FundingPayment& payment) const;
  void collect_funding(std::span<const Position> held, bool before_trading,
                       std::vector<CorporateAction>& actions) const;

  const MarketData& market_;
  const Panel& scores_;
  const UncertaintyPanels uncertainty_;
  const HistoryFeedConfig config_;
  const Panel* close_;
  const Panel* total_;   ///< closes whose ratios are total returns
  const Panel* volume_;  ///< null when the data has none; so are the next two
  const Panel* open_;
  const Panel* low_;
  const Panel* exchange_rate_;             ///< null where all is in the account's currency
  std::vector<const Delisting*> records_;  ///< by instrument; null: none
  std::vector<std::uint8_t> tradable_;
  std::span<const FundingPayment> funding_;  ///< of the session
  std::size_t row_ = 0;
};

}  // namespace orrery
