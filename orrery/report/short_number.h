#pragma once

namespace orrery {

/// Returns a value cut to so many digits, which keeps a page small.
double short_number(double value, int digits);

}  // namespace orrery
