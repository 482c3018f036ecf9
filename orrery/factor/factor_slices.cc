#include "orrery/factor/factor_slices.h"

#include <fmt/format.h>

#include "orrery/base/statistics.h"
#include "orrery/base/subset_mean.h"

namespace orrery {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

template <class Belongs>
DaySlice slice(std::string key, std::string name, std::size_t days, const Belongs& belongs) {
  DaySlice result{std::move(key), std::move(name), std::vector<char>(days, 0)};
  for (std::size_t t = 0; t < days; ++t) result.member[t] = belongs(t) ? 1 : 0;
  return result;
}

DayGroup part_by_year(std::span<const Date> dates, const DayParting& parting) {
  DayGroup group{"Calendar year", {}};
  for (int year = parting.first_year; year <= parting.last_year; ++year) {
    const auto text = fmt::format("{}", year);
    group.slices.push_back(slice(text, text, dates.size(),
                                 [&](std::size_t t) { return year_month_day(dates[t]).year == year; }));
  }
  return group;
}

/// The days with low < value <= high.
DaySlice between(const char* key, std::string name, std::span<const double> values, double low, double high) {
  return slice(key, std::move(name), values.size(),
               [&](std::size_t t) { return values[t] > low && values[t] <= high; });
}

DayGroup part_by_volatility(const std::vector<double>& volatility, const DayParting& parting) {
  DayGroup group{"Volatility of the universe, last 21 sessions", {}};
  if (!parting.has_terciles) return group;
  const double low = parting.calm;
  const double high = parting.turbulent;
  const auto percent = [](double value) { return fmt::format("{:.1f}%", 100.0 * value); };
  group.slices = {
      between("volatility_low", fmt::format("Calm: up to {}", percent(low)), volatility, -kInfinity, low),
      between("volatility_middle", fmt::format("Between: to {}", percent(high)), volatility, low, high),
      between("volatility_high", fmt::format("Turbulent: above {}", percent(high)), volatility, high,
              kInfinity)};
  return group;
}

}  // namespace

DayParting find_parting(std::span<const Date> dates, const UniverseState& state) {
  DayParting parting;
  if (dates.empty()) return parting;
  parting.first_year = year_month_day(dates.front()).year;
  parting.last_year = year_month_day(dates.back()).year;
  const auto known = drop_missing(state.volatility);
  parting.has_terciles = known.size() >= 3;
  if (!parting.has_terciles) return parting;
  parting.calm = quantile(known, 1.0 / 3.0);
  parting.turbulent = quantile(known, 2.0 / 3.0);
  return parting;
}

std::vector<DayGroup> part_days(std::span<const Date> dates, const UniverseState& state,
                                const DayParting& parting) {
  return {part_by_year(dates, parting),
          part_by_volatility(state.volatility, parting),
          {"Direction of the universe, last 21 sessions",
           {between("universe_rising", "Rising", state.change, 0.0, kInfinity),
            between("universe_falling", "Falling", state.change, -kInfinity, 0.0)}}};
}

std::vector<DayGroup> part_days(std::span<const Date> dates, const UniverseState& state) {
  return part_days(dates, state, find_parting(dates, state));
}

std::vector<SliceMean> slice_means(std::span<const double> daily, std::span<const DayGroup> groups, int lag) {
  std::vector<SliceMean> means;
  for (const auto& group : groups) {
    for (const auto& days : group.slices) {
      const SubsetMean found = subset_mean(daily, days.member, lag);
      means.push_back({found.count, found.mean, found.t()});
    }
  }
  return means;
}

}  // namespace orrery
