#include "orrery/data/bar_fault.h"

#include <cmath>
#include <utility>

namespace orrery {

std::optional<BarFault> find_bar_fault(const BarValues& bar) {
  const std::pair<const char*, double> prices[] = {
      {"open", bar.open}, {"high", bar.high}, {"low", bar.low}, {"close", bar.close}};
  for (const auto& [name, price] : prices) {
    if (!std::isfinite(price)) return BarFault{"empty field", name, price};
    if (price <= 0.0) return BarFault{"price not above zero", name, price};
    if (price > bar.high) return BarFault{"high below another price", name, price};
    if (price < bar.low) return BarFault{"low above another price", name, price};
  }
  if (bar.volume < 0.0) return BarFault{"negative volume", "volume", bar.volume};
  return std::nullopt;
}

}  // namespace orrery
