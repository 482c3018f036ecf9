#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "orrery/portfolio/market_view.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// The portfolio that a strategy wants, kept beside the one that is held where something stands between them
/// (sizes, regimes, the drawdown ladder): the strategy is shown this one, and decides as if nothing had been
/// changed. Holdings are by ascending instrument. Look-ahead: none.

/// Returns what the holdings earned in the session, as part of the equity; a name without a return earned 0.
double session_return(std::span<const Holding> holdings, const MarketView* market);

/// Moves wanted holdings on by the session, in which they earned `portfolio_return` together. One that has no
/// bar and is not held either may be gone for good and is taken out: the strategy finds it again if it comes
/// back.
void drift_wanted(std::vector<Holding>& wanted, double portfolio_return, const MarketView* market,
                  std::span<const std::uint8_t> tradable, std::span<const Holding> held);

/// Takes a decision that rebalances into the wanted holdings.
void follow_decision(std::vector<Holding>& wanted, const Decision& decision);

}  // namespace orrery
