#include "orrery/data/usual_moves.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kNeighbourDays = 60;  ///< on each side, a quarter of a year
constexpr std::size_t kFewestDays = 8;
constexpr double kScaleFloor = 0.004;   ///< a tick, and what a quiet stretch may hide
constexpr double kScaleUnknown = 0.03;  ///< of a share of which nothing is known
constexpr double kFreedom = 4.0;

double at(const std::vector<double>& values, std::size_t row) { return values.empty() ? 0.0 : values[row]; }

bool has_action(const PriceHistory& history, std::size_t row) {
  const double split = at(history.split_ratio, row);
  return at(history.dividend, row) > 0.0 || (split > 0.0 && split != 1.0);
}

double median_deviation(std::span<const double> values, double centre) {
  std::vector<double> deviations;
  deviations.reserve(values.size());
  for (const double value : values) deviations.push_back(std::abs(value - centre));
  return kNormalConsistency * quantile(deviations, 0.5);
}

double log_student(double surprise) {
  return -0.5 * (kFreedom + 1.0) * std::log1p(surprise * surprise / kFreedom);
}

}  // namespace

bool volume_tells(const PriceHistory& history) {
  return std::any_of(history.volume.begin(), history.volume.end(), [](double v) { return v > 0.0; });
}

UsualMoves::UsualMoves(const PriceHistory& history) {
  const bool tells = volume_tells(history);
  for (std::size_t row = 0; row < history.size(); ++row) add_row(history, row, tells);
  mark_usual(history);
}

void UsualMoves::add_row(const PriceHistory& history, std::size_t row, bool volume_tells) {
  const double close = history.close[row];
  const bool is_good = std::isfinite(close) && close > 0.0;
  const bool is_new = days_.empty() || days_.back().date != history.date[row];
  day_of_row_.push_back(is_good && !is_new ? days_.size() - 1 : days_.size());
  if (!is_good) return;
  if (is_new) days_.push_back({.date = history.date[row], .first_row = row, .high = close, .low = close});
  auto& day = days_.back();
  day.high = std::fmax(std::max(day.high, close), history.high[row]);
  day.low = std::fmin(std::min(day.low, close), history.low[row]);
  day.close = close;
  day.is_traded |= !volume_tells || !(history.volume[row] <= 0.0);
}

bool UsualMoves::has_moved(std::size_t day) const {
  return days_[day].low != days_[day - 1].close || days_[day].high != days_[day - 1].close;
}

void UsualMoves::mark_usual(const PriceHistory& history) {
  for (std::size_t day = 1; day < days_.size(); ++day) days_[day].is_usual = tells(day);
  for (std::size_t row = 0; row < history.size(); ++row) {
    if (has_action(history, row) && day_of_row_[row] < days_.size()) days_[day_of_row_[row]].is_usual = false;
  }
}

bool UsualMoves::tells(std::size_t day) const {
  return day > 0 && day < days_.size() && days_[day].is_traded && has_moved(day);
}

double UsualMoves::close_fall(std::size_t day) const {
  if (day == 0 || day >= days_.size()) return std::numeric_limits<double>::quiet_NaN();
  return 1.0 - days_[day].close / days_[day - 1].close;
}

double UsualMoves::low_fall(std::size_t day) const {
  if (day == 0 || day >= days_.size()) return std::numeric_limits<double>::quiet_NaN();
  return 1.0 - days_[day].low / days_[day - 1].close;
}

UsualMoves::Usual UsualMoves::usual(std::size_t day) const {
  std::vector<double> closes, lows;
  const auto collect = [&](std::size_t from, std::size_t to) {
    for (std::size_t other = from; other < to; ++other) {
      if (!days_[other].is_usual || other == day) continue;
      closes.push_back(close_fall(other));
      lows.push_back(low_fall(other));
    }
  };
  collect(day > kNeighbourDays ? day - kNeighbourDays : 0, std::min(days_.size(), day + kNeighbourDays + 1));
  if (closes.size() < kFewestDays) {
    closes.clear();
    lows.clear();
    collect(0, days_.size());
  }
  if (closes.size() < kFewestDays) return {0.0, kScaleUnknown, 0.5 * kScaleUnknown, kScaleUnknown};
  Usual usual{.close_centre = quantile(closes, 0.5), .low_centre = quantile(lows, 0.5)};
  usual.close_scale = std::max(kScaleFloor, median_deviation(closes, usual.close_centre));
  usual.low_scale = std::max(kScaleFloor, median_deviation(lows, usual.low_centre));
  return usual;
}

double UsualMoves::close_surprise(std::size_t day, double yield) const {
  const auto all = usual(day);
  return (close_fall(day) - yield - all.close_centre * (1.0 - yield)) / all.close_scale;
}

double UsualMoves::low_surprise(std::size_t day, double yield) const {
  const auto all = usual(day);
  return (low_fall(day) - yield - all.low_centre * (1.0 - yield)) / all.low_scale;
}

double UsualMoves::log_likelihood(std::size_t day, double yield) const {
  if (!tells(day)) return 0.0;
  return 0.5 * (log_student(close_surprise(day, yield)) + log_student(low_surprise(day, yield)));
}

}  // namespace orrery
