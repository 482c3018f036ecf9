#include "orrery/backtest/history.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery {
namespace {

/// A text that outlives the data: journals keep it.
std::string_view delisting_reason(const Delisting& record) {
  if (record.reason == "merger") return "delisted: merger";
  if (record.reason == "performance") return "delisted: performance";
  return kUnknownDelisting;
}

bool has_own_return(const Delisting& record) {
  return delisting_reason(record) != kUnknownDelisting && std::isfinite(record.delisting_return);
}

}  // namespace

std::optional<Session> SessionClock::next() {
  if (next_ >= rows_.end) return std::nullopt;
  now_ = {next_, dates_[next_]};
  ++next_;
  return now_;
}

HistoryFeed::HistoryFeed(const MarketData& market, const Panel& scores, const HistoryFeedConfig& config,
                         const UncertaintyPanels& uncertainty)
    : market_(market),
      scores_(scores),
      uncertainty_(uncertainty),
      config_(config),
      close_(&market.raw_field("close")),
      total_(market.fields.contains("close") ? &market.field("close") : close_),
      volume_(market.raw.contains("volume") ? &market.raw_field("volume") : nullptr),
      open_(market.raw.contains("open") ? &market.raw_field("open") : nullptr),
      low_(market.raw.contains("low") ? &market.raw_field("low") : nullptr),
      exchange_rate_(market.currencies.empty() ? nullptr : &market.field(kExchangeRateField)),
      records_(market.instruments(), nullptr),
      tradable_(market.instruments(), 0) {
  for (const Delisting& record : market.delistings) records_[record.instrument] = &record;
}

void HistoryFeed::open(const Session& session) {
  row_ = session.row;
  const auto present = market_.present.row(row_);
  std::copy(present.begin(), present.end(), tradable_.begin());
  for (const Delisting& record : market_.delistings) {
    if (record.row <= row_) tradable_[record.instrument] = 0;
  }
  const auto [first, last] =
      std::equal_range(market_.funding.begin(), market_.funding.end(), FundingPayment{.row = row_},
                       [](const FundingPayment& a, const FundingPayment& b) { return a.row < b.row; });
  funding_ = {first, last};
}

int HistoryFeed::days_since_last() const {
  return row_ == 0 ? 0 : market_.dates[row_] - market_.dates[row_ - 1];
}

void HistoryFeed::collect_entitlements(std::span<const Position> held,
                                       std::vector<CorporateAction>& actions) {
  for (const Position& position : held) {
    const double ratio = split_ratio(row_, position.instrument);
    if (ratio != 1.0) actions.push_back({CorporateActionKind::kSplit, position.instrument, ratio, "split"});
    const double dividend = market_.dividend.empty() ? 0.0 : market_.dividend(row_, position.instrument);
    if (dividend > 0.0) {
      actions.push_back({CorporateActionKind::kDividend, position.instrument, dividend, "dividend"});
    }
  }
  collect_funding(held, true, actions);
}

void HistoryFeed::collect_late_funding(std::span<const Position> held,
                                       std::vector<CorporateAction>& actions) {
  collect_funding(held, false, actions);
}

/// A fill at the open stands behind the funding of that moment, as one at the close, the end of the session,
/// behind all of its funding.
bool HistoryFeed::is_before_trading(const FundingPayment& payment) const {
  return !config_.trades_at_open || payment.moment <= start_of(market_.dates[row_]);
}

void HistoryFeed::collect_funding(std::span<const Position> held, bool before_trading,
                                  std::vector<CorporateAction>& actions) const {
  for (const FundingPayment& payment : funding_) {
    if (is_before_trading(payment) != before_trading) continue;
    const auto instrument = static_cast<std::uint32_t>(payment.instrument);
    const bool is_held = std::any_of(held.begin(), held.end(), [&](const Position& position) {
      return position.instrument == instrument;
    });
    if (!is_held) continue;
    actions.push_back({CorporateActionKind::kFunding, instrument, payment.rate, "funding", payment.mark});
  }
}

void HistoryFeed::collect_delistings(std::span<const Position> held, std::vector<CorporateAction>& actions) {
  for (const Position& position : held) {
    const Delisting* record = records_[position.instrument];
    const bool recorded = record != nullptr && record->row <= row_;
    if (!recorded && position.missing_sessions < config_.delist_after) continue;
    const bool known = recorded && has_own_return(*record);
    actions.push_back({CorporateActionKind::kDelisting, position.instrument,
                       known ? record->delisting_return : config_.unknown_delisting_return,
                       recorded ? delisting_reason(*record) : kUnknownDelisting});
  }
}

void HistoryFeed::trailing_returns(std::uint32_t instrument, std::span<double> returns) const {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  // The last known close before the first of the sessions.
  double before = kUnknown;
  for (std::size_t row = row_ + 1 - std::min(row_ + 1, returns.size()); row > 0 && std::isnan(before);
       --row) {
    before = (*total_)(row - 1, instrument);
  }
  for (std::size_t i = 0; i < returns.size(); ++i) {
    const std::size_t ago = returns.size() - 1 - i;
    const double close = ago <= row_ ? (*total_)(row_ - ago, instrument) : kUnknown;
    returns[i] = close / before - 1.0;
    if (!std::isnan(close)) before = close;
  }
}

std::string_view HistoryFeed::sector(std::uint32_t instrument) const {
  return market_.sectors.empty() ? std::string_view() : std::string_view(market_.sectors[instrument]);
}

double HistoryFeed::trailing_volume(std::uint32_t instrument, int sessions) const {
  if (volume_ == nullptr) return std::numeric_limits<double>::infinity();
  double sum = 0.0;
  int bars = 0;
  double shares_now = 1.0;  // shares of this session for one share of the bar's session
  for (std::size_t row = row_; row > 0 && row + static_cast<std::size_t>(sessions) > row_; --row) {
    shares_now *= split_ratio(row, instrument);
    const double volume = (*volume_)(row - 1, instrument);
    if (market_.present(row - 1, instrument) == 0 || !(volume >= 0.0)) continue;
    sum += volume * shares_now;
    ++bars;
  }
  return bars > 0 ? sum / bars : 0.0;
}

KnownPrices HistoryFeed::known_prices(std::uint32_t instrument) const {
  KnownPrices prices;
  if (open_ != nullptr) prices.open = (*open_)(row_, instrument);
  if (low_ != nullptr) prices.low = (*low_)(row_, instrument);
  double shares_now = 1.0;  // shares of this session for one share of the bar's session
  for (std::size_t row = row_; row > 0; --row) {
    shares_now *= split_ratio(row, instrument);
    const double close = (*close_)(row - 1, instrument);
    if (!(close > 0.0)) continue;
    prices.last_close = close / shares_now * exchange_step(row - 1, instrument);
    break;
  }
  return prices;
}

/// What a rate of exchange has done since a row: an order's price is named in the instrument's own currency.
double HistoryFeed::exchange_step(std::size_t since, std::uint32_t instrument) const {
  if (exchange_rate_ == nullptr || !market_.is_foreign(instrument)) return 1.0;
  const double step = (*exchange_rate_)(row_, instrument) / (*exchange_rate_)(since, instrument);
  return std::isnan(step) ? 1.0 : step;
}

double HistoryFeed::split_ratio(std::size_t row, std::uint32_t instrument) const {
  if (market_.split_ratio.empty()) return 1.0;
  const double ratio = market_.split_ratio(row, instrument);
  return ratio > 0.0 && std::isfinite(ratio) ? ratio : 1.0;
}

}  // namespace orrery
