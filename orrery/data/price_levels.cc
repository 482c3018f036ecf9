#include "orrery/data/price_levels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"
#include "orrery/data/usual_moves.h"

namespace orrery {
namespace {

double scaled(double value, double factor) {
  const double inverse = 1.0 / factor;
  return factor < 1.0 && std::abs(inverse - std::round(inverse)) < 1e-9 * inverse
             ? value / std::round(inverse)
             : value * factor;
}

/// The ratio of adjusted to plain close of the nearest row with both outside [first, last], later ones first.
std::optional<double> ratio_beside(const PriceHistory& history, std::size_t first, std::size_t last) {
  const auto is_good = [&](std::size_t row) {
    return is_price(history.close[row]) && is_price(history.adj_close[row]);
  };
  for (std::size_t row = last + 1; row < history.size(); ++row) {
    if (is_good(row)) return history.adj_close[row] / history.close[row];
  }
  for (std::size_t row = first; row-- > 0;) {
    if (is_good(row)) return history.adj_close[row] / history.close[row];
  }
  return std::nullopt;
}

/// Scales the adjusted close of a row whose close was scaled, unless it was right already.
void follow(PriceHistory& history, std::size_t row, double factor, const std::optional<double>& beside) {
  if (history.adj_close.empty() || !is_price(history.adj_close[row])) return;
  const double alone = history.adj_close[row] / history.close[row];
  const double both = alone * factor;
  if (beside && std::abs(std::log(alone / *beside)) < std::abs(std::log(both / *beside))) return;
  history.adj_close[row] = scaled(history.adj_close[row], factor);
}

}  // namespace

std::vector<double> row_levels(const PriceHistory& history) {
  std::vector<double> levels(history.size(), kNaN);
  std::vector<double> cells;
  for (std::size_t row = 0; row < history.size(); ++row) {
    cells.clear();
    for (const auto* column : {&history.open, &history.high, &history.low, &history.close}) {
      if (is_price((*column)[row])) cells.push_back((*column)[row]);
    }
    if (!cells.empty()) levels[row] = quantile(cells, 0.5);
  }
  return levels;
}

std::vector<bool> traded_rows(const PriceHistory& history) {
  std::vector<bool> traded(history.size(), true);
  if (!volume_tells(history)) return traded;
  for (std::size_t row = 0; row < history.size(); ++row) traded[row] = !(history.volume[row] <= 0.0);
  return traded;
}

std::vector<LevelJump> find_level_jumps(const std::vector<double>& levels, double ratio, double tolerance,
                                        std::size_t first, std::size_t last) {
  std::vector<LevelJump> jumps;
  const double size = std::log(ratio);
  std::optional<std::size_t> before;
  for (std::size_t row = first; row < last; ++row) {
    if (std::isnan(levels[row])) continue;
    if (before) {
      const double move = std::log(levels[row] / levels[*before]);
      if (std::abs(move - size) < tolerance) jumps.push_back({row, *before, 1});
      if (std::abs(move + size) < tolerance) jumps.push_back({row, *before, -1});
    }
    before = row;
  }
  return jumps;
}

void scale_cell(PriceHistory& history, std::vector<double>& column, std::size_t row, double factor) {
  column[row] = scaled(column[row], factor);
  if (&column == &history.close) follow(history, row, factor, ratio_beside(history, row, row));
}

PriceFinding scale_prices(PriceHistory& history, std::size_t first, std::size_t last, double factor) {
  PriceFinding finding;
  finding.first_row = first;
  finding.last_row = last;
  finding.field = "prices";
  finding.was = history.close[last];
  const auto beside = history.adj_close.empty() ? std::nullopt : ratio_beside(history, first, last);
  for (std::size_t row = first; row <= last; ++row) {
    for (auto* column : {&history.open, &history.high, &history.low, &history.close}) {
      (*column)[row] = scaled((*column)[row], factor);
    }
    follow(history, row, factor, beside);
  }
  finding.is = history.close[last];
  finding.repaired = true;
  return finding;
}

}  // namespace orrery
