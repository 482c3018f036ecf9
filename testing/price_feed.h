#pragma once

#include <string>
#include <vector>

#include "orrery/execution/market_feed.h"

namespace orrery::testing {

/// A market of which a test says the prices, session by session.
class PriceFeed final : public MarketFeed {
 public:
  explicit PriceFeed(std::vector<std::string> symbols)
      : prices(symbols.size()), symbols_(std::move(symbols)) {}

  std::vector<KnownPrices> prices;  ///< by instrument

  std::span<const std::string> symbols() const override { return symbols_; }
  void open(const Session& /*session*/) override {}
  void collect_entitlements(std::span<const Position> /*held*/,
                            std::vector<CorporateAction>& /*actions*/) override {}
  void collect_delistings(std::span<const Position> /*held*/,
                          std::vector<CorporateAction>& /*actions*/) override {}
  std::span<const double> closes() const override { return {}; }
  std::span<const double> scores() const override { return {}; }
  std::span<const std::uint8_t> tradable() const override { return {}; }
  double trailing_volume(std::uint32_t /*instrument*/, int /*sessions*/) const override { return 0.0; }
  KnownPrices known_prices(std::uint32_t instrument) const override { return prices[instrument]; }

 private:
  std::vector<std::string> symbols_;
};

}  // namespace orrery::testing
