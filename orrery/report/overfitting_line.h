#pragma once

#include <string>

#include "orrery/report/trust.h"

namespace orrery {

/// The probability of backtest overfitting in a sentence, or why there is none. HTML.
std::string render_overfitting(const Trust& trust);

}  // namespace orrery
