#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "orrery/portfolio/strategy.h"

namespace orrery {

/// Returns the holding of an instrument, or null.
const Holding* find_holding(std::span<const Holding> holdings, std::uint32_t instrument);

/// Puts a decision's targets into its order: best rank first, those without a rank last, equal ones by
/// ascending instrument.
void sort_by_rank(std::vector<Target>& targets);

}  // namespace orrery
