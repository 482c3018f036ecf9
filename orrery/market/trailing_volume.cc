#include "orrery/market/trailing_volume.h"

#include <cmath>

namespace orrery {

double trailing_dollar_volume(const Panel& close, const Panel& volume, std::size_t row,
                              std::size_t instrument) {
  const std::size_t first = row + 1 >= kVolumeSessions ? row + 1 - kVolumeSessions : 0;
  double sum = 0.0;
  int bars = 0;
  for (std::size_t r = first; r <= row; ++r) {
    const double value = close(r, instrument) * volume(r, instrument);
    if (!std::isfinite(value)) continue;
    sum += value;
    ++bars;
  }
  return bars == 0 ? Panel::missing() : sum / bars;
}

}  // namespace orrery
