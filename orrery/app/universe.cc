#include "orrery/app/universe.h"

#include <cmath>

#include "orrery/market/trailing_volume.h"

namespace orrery {

MaskPanel eligible_cells(const MarketData& market, const UniverseRules& rules, const MaskPanel* member) {
  const Panel& close = market.raw_field("close");
  const Panel& volume = market.raw_field("volume");
  MaskPanel eligible(market.rows(), market.instruments(), 0);
  std::vector<int> bars(market.instruments(), 0);
  std::vector<double> last_close(market.instruments(), Panel::missing());
  for (std::size_t row = 0; row < market.rows(); ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const bool present = market.present(row, i) != 0;
      if (present) {
        ++bars[i];
        last_close[i] = close(row, i);
      }
      const bool listed = static_cast<int>(row) <= market.last_row[i] && bars[i] > 0;
      if (!present && !(rules.include_halted && listed)) continue;
      const bool belongs = member == nullptr || (*member)(row, i) != 0;
      if (!belongs || bars[i] < rules.min_history || !(last_close[i] >= rules.min_price)) continue;
      if (rules.min_dollar_volume > 0.0 &&
          !(trailing_dollar_volume(close, volume, row, i) >= rules.min_dollar_volume)) {
        continue;
      }
      eligible(row, i) = 1;
    }
  }
  return eligible;
}

std::vector<double> equal_weight_returns(const MarketData& market, const MaskPanel& eligible) {
  const Panel& close = market.field("close");
  std::vector<double> returns(market.rows(), 0.0);
  for (std::size_t row = 1; row < market.rows(); ++row) {
    double sum = 0.0;
    int names = 0;
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double change = close(row, i) / close(row - 1, i) - 1.0;
      if (eligible(row - 1, i) == 0 || !std::isfinite(change)) continue;
      sum += change;
      ++names;
    }
    if (names > 0) returns[row] = sum / names;
  }
  return returns;
}

}  // namespace orrery
