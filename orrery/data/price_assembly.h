#pragma once

#include <functional>
#include <string>

#include "orrery/data/price_rows.h"
#include "orrery/data/prices.h"

namespace orrery {

/// Steps of progress that assemble_prices takes.
inline constexpr int kAssemblySteps = 3;

/// Makes the market from rows, wherever they came from: the part of load_prices behind the reading.
/// `fingerprint_content` is called once, maybe from another thread, which may set rows aside meanwhile: it
/// may look at everything of the rows but `symbol` and `quarantine`. What it returns stands for the rows in
/// the fingerprint of the whole. Errors: as load_prices.
PriceLoad assemble_prices(PriceRows rows, const PriceSource& source,
                          const std::function<std::string(const PriceRows&)>& fingerprint_content,
                          Progress& progress);

}  // namespace orrery
