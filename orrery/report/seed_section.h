#pragma once

#include <string>

#include "orrery/report/seed_spread.h"

namespace orrery {

/// The results by seed as a table, or the sentence that the model has no chance in it. HTML.
std::string render_seeds(const SeedSpread& spread);

}  // namespace orrery
