#include "orrery/market/universe_state.h"

#include <cmath>
#include <cstddef>

#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr int kWindow = 21;  // a month of sessions

}  // namespace

UniverseState trail_universe(std::span<const double> returns, double periods_per_year) {
  UniverseState state{std::vector<double>(returns.size(), kNaN), std::vector<double>(returns.size(), kNaN)};
  for (std::size_t row = kWindow; row < returns.size(); ++row) {
    const auto window = returns.subspan(row + 1 - kWindow, kWindow);
    double growth = 1.0;
    for (const double value : window) growth *= 1.0 + value;
    state.volatility[row] = standard_deviation(window) * std::sqrt(periods_per_year);
    state.change[row] = growth - 1.0;
  }
  return state;
}

}  // namespace orrery
