#include "orrery/factor/forward_returns.h"

#include <algorithm>

namespace orrery {

void fill_forward_returns(const Panel& closes, std::size_t row, int entry, int exit, std::span<double> out) {
  const std::size_t last = row + static_cast<std::size_t>(exit);
  if (last >= closes.rows()) {
    std::fill(out.begin(), out.end(), Panel::missing());
    return;
  }
  const std::span<const double> from = closes.row(row + static_cast<std::size_t>(entry));
  const std::span<const double> to = closes.row(last);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = to[i] / from[i] - 1.0;
}

}  // namespace orrery
