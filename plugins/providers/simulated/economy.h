#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/random.h"
#include "plugins/providers/simulated.h"

namespace orrery::plugins::providers::simulated {

inline constexpr std::size_t kStyles = 3;
inline constexpr std::size_t kSectors = 11;
inline constexpr std::size_t kDividendPeriod = 63;  ///< sessions
extern const std::array<std::string_view, kSectors> kSectorNames;

/// Why and when a series ends.
struct ListingEnd {
  std::size_t row = 0;  ///< session on which the last holder is paid; the last bar is one row before
  std::string reason;   ///< "merger", "performance", "unknown"
  double delisting_return = 0.0;  ///< NaN when unknown
};

/// What does not change about an instrument. Everything here is drawn apart from returns, so that neither a
/// listing nor its end tells anything about them.
struct Instrument {
  std::string symbol;
  std::size_t sector = 0;
  std::size_t first_row = 0;
  std::size_t last_row = 0;  ///< row of the last bar
  std::optional<ListingEnd> end;
  double market_beta = 1.0;
  double sector_beta = 1.0;
  std::array<double, kStyles> style_betas{};
  double idiosyncratic_volatility = 0.0;  ///< of a day, in normal times
  double initial_price = 0.0;
  double log_volume = 0.0;       ///< mean of the log of a day's shares, in shares of the first day
  double dividend_yield = 0.0;   ///< a year; 0: pays none
  std::size_t dividend_row = 0;  ///< row modulo 63 on which it goes ex
};

/// Draws the instruments of a market, in symbol order.
std::vector<Instrument> draw_instruments(const SimulatedMarketOptions& options, std::size_t sessions);

/// Returns the generator of one named part of the simulation.
Random part_random(const SimulatedMarketOptions& options, std::uint64_t part);

/// Parts of the simulation, each with its own random numbers.
enum Part : std::uint64_t { kInstrumentPart = 1, kCommonPart, kReturnPart, kBarPart, kDamagePart };

}  // namespace orrery::plugins::providers::simulated
