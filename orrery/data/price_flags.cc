#include "orrery/data/price_flags.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/data/price_levels.h"
#include "orrery/data/usual_moves.h"

namespace orrery {
namespace {

constexpr double kJumpDeviations = 12.0;
constexpr double kSmallestJump = 0.15;
constexpr std::size_t kStaleRows = 5;
constexpr double kTolerance = 1e-6;  ///< relative: columns may have been rounded apart

double dividend_at(const PriceHistory& history, std::size_t row) {
  return history.dividend.empty() || std::isnan(history.dividend[row]) ? 0.0 : history.dividend[row];
}

PriceFinding flag(std::size_t first, std::size_t last, std::string_view field, double value, PriceFault fault,
                  std::string reason) {
  return {.first_row = first,
          .last_row = last,
          .field = field,
          .was = value,
          .is = value,
          .fault = fault,
          .reason = std::move(reason)};
}

/// Runs of rows for which `holds(row)`, [first, last].
std::vector<std::pair<std::size_t, std::size_t>> runs_of(std::size_t rows, const auto& holds) {
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (std::size_t row = 0; row < rows; ++row) {
    if (!holds(row)) continue;
    if (!runs.empty() && runs.back().second + 1 == row) {
      runs.back().second = row;
    } else {
      runs.emplace_back(row, row);
    }
  }
  return runs;
}

void flag_missing(const PriceHistory& history, std::vector<PriceFinding>& found) {
  const auto is_missing = [&](std::size_t row) { return std::isnan(history.close[row]); };
  for (const auto& [first, last] : runs_of(history.size(), is_missing)) {
    found.push_back(flag(first, last, "prices", std::nan(""), PriceFault::kMissingPrice,
                         fmt::format("{} rows without prices", last - first + 1)));
  }
}

bool is_misshapen(const PriceHistory& history, std::size_t row) {
  const double open = history.open[row], high = history.high[row], low = history.low[row],
               close = history.close[row];
  for (const double price : {open, high, low, close}) {
    if (price <= 0.0) return true;
  }
  const double tolerance = kTolerance * std::max(1.0, high);
  return high + tolerance < std::max({open, low, close}) || low - tolerance > std::min(open, close);
}

void flag_shapes(const PriceHistory& history, std::vector<PriceFinding>& found) {
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (!is_misshapen(history, row)) continue;
    found.push_back(flag(row, row, "prices", history.close[row], PriceFault::kBadShape,
                         fmt::format("open {:.6g}, high {:.6g}, low {:.6g}, close {:.6g}", history.open[row],
                                     history.high[row], history.low[row], history.close[row])));
  }
}

void flag_jumps(const PriceHistory& history, std::vector<PriceFinding>& found) {
  const UsualMoves moves(history);
  for (std::size_t day = 1; day < moves.days(); ++day) {
    const double fall = moves.close_fall(day);
    if (std::abs(fall) < kSmallestJump || !moves.tells(day)) continue;
    const std::size_t row = moves.first_row(day);
    const double before = history.close[row] / (1.0 - fall);
    const double surprise = moves.close_surprise(day, dividend_at(history, row) / before);
    if (std::abs(surprise) < kJumpDeviations) continue;
    found.push_back(flag(row, row, "close", history.close[row], PriceFault::kJump,
                         fmt::format("{:+.3g} % from {:.6g}, {:.0f} robust standard deviations",
                                     -100.0 * fall, before, std::abs(surprise))));
  }
}

void flag_repeats(const PriceHistory& history, std::vector<PriceFinding>& found) {
  if (!volume_tells(history)) return;
  const auto repeats = [&](std::size_t row) {
    if (row == 0 || !(history.volume[row] > 0.0) || !is_price(history.close[row])) return false;
    return history.open[row] == history.open[row - 1] && history.high[row] == history.high[row - 1] &&
           history.low[row] == history.low[row - 1] && history.close[row] == history.close[row - 1] &&
           history.volume[row] == history.volume[row - 1];
  };
  for (const auto& [first, last] : runs_of(history.size(), repeats)) {
    const std::size_t rows = last - first + 2;
    if (rows < kStaleRows) continue;
    found.push_back(flag(first - 1, last, "prices", history.close[last], PriceFault::kStaleRepeat,
                         fmt::format("{} rows with the same prices and volume", rows)));
  }
}

}  // namespace

std::vector<PriceFinding> flag_prices(const PriceHistory& history) {
  std::vector<PriceFinding> found;
  flag_missing(history, found);
  flag_shapes(history, found);
  flag_jumps(history, found);
  flag_repeats(history, found);
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) { return a.first_row < b.first_row; });
  return found;
}

}  // namespace orrery
