#pragma once

#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Finds rows around a split to which it was not applied, or twice, and undoes that: prices times the ratio
/// or divided by it, volume the other way. Prices must be those of a source that adjusts them for splits, so
/// that the split's day itself shows no jump.
///
/// Within twenty rows of a split, jumps from row to row that are nearer to its ratio than to none (by 0.75 of
/// the logarithm at most) bound the stretches; what comes last is right. Left alone are splits within four
/// usual moves. A single jump off the split's day by a ratio under 4, whose volume does not move the other
/// way, may be the market's: it is told.
///
/// `are_as_traded`: the prices were as traded and have been divided by the splits listed. A split that was in
/// none of them is then one that did not happen as listed, or the source adjusts its prices after all: it is
/// told, and the past left alone.
std::vector<PriceFinding> repair_splits(PriceHistory& history, bool are_as_traded);

}  // namespace orrery
