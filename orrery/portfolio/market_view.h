#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace orrery {

/// What a strategy may see of the market beside scores. Nothing of it is later than the close of the session
/// that it decides after.
class MarketView {
 public:
  virtual ~MarketView() = default;
  /// Fills `returns` with a name's total returns (dividends and splits in them) of the last sessions, the
  /// present one last, each from the last known close; NaN where there is no close, or none before.
  virtual void trailing_returns(std::uint32_t instrument, std::span<double> returns) const = 0;
  /// Returns the name's sector; "" where it is unknown.
  virtual std::string_view sector(std::uint32_t instrument) const = 0;
};

}  // namespace orrery
