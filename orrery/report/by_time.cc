#include "orrery/report/by_time.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "orrery/base/statistics.h"
#include "orrery/market/universe_state.h"
#include "orrery/report/html.h"

namespace orrery {
namespace {

constexpr int kRollingWindow = 63;  // a quarter
constexpr double kTwoSided95 = 1.96;
constexpr double kNaN = TimeSlice::kMissing;

/// Rows of the universe whose evening decides where a day's IC and a session's return belong.
struct Evenings {
  std::vector<std::size_t> of_day;
  std::vector<std::size_t> of_session;  ///< kNone when there is no session before it
};
constexpr std::size_t kNone = static_cast<std::size_t>(-1);

Evenings find_evenings(const ByTimeInputs& inputs) {
  const auto row_of = [&](Date date) {
    const auto& dates = inputs.universe_dates;
    return static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), date) - dates.begin());
  };
  Evenings evenings;
  for (const Date date : inputs.signal.dates) evenings.of_day.push_back(row_of(date));
  for (const Date date : inputs.series.dates) {
    const std::size_t row = row_of(date);
    evenings.of_session.push_back(row == 0 ? kNone : row - 1);
  }
  return evenings;
}

double value_at(std::span<const double> values, std::size_t row) {
  return row < values.size() ? values[row] : kNaN;
}

std::vector<double> subtract(std::span<const double> a, std::span<const double> b) {
  std::vector<double> difference(a.begin(), a.end());
  for (std::size_t t = 0; t < b.size(); ++t) difference[t] -= b[t];
  return difference;
}

std::vector<double> keep_members(std::span<const double> values, std::span<const char> member) {
  std::vector<double> kept;
  for (std::size_t t = 0; t < values.size(); ++t) {
    if (member[t] != 0 && std::isfinite(values[t])) kept.push_back(values[t]);
  }
  return kept;
}

/// Which days and sessions belong to a slice.
struct Members {
  std::vector<char> days;
  std::vector<char> sessions;
};

void measure_signal(const SignalEvaluation& signal, const Members& members, TimeSlice& slice) {
  slice.ic_mean = subset_mean(signal.ic.daily, members.days, signal.ic.newey_west_lag).mean;
  const auto rank_ic = subset_mean(signal.rank_ic.daily, members.days, signal.rank_ic.newey_west_lag);
  slice.days = rank_ic.count;
  slice.rank_ic_mean = rank_ic.mean;
  slice.rank_ic_t = rank_ic.t();
}

void measure_returns(const PerformanceInputs& series, const Members& members, TimeSlice& slice) {
  const double per_year = series.periods_per_year;
  const auto net = keep_members(series.net_returns, members.sessions);
  slice.sessions = net.size();
  slice.net_return = mean(net) * per_year;
  const auto over_cash = keep_members(subtract(series.net_returns, series.cash_returns), members.sessions);
  const double deviation = standard_deviation(over_cash);
  if (deviation > 0.0) slice.sharpe = mean(over_cash) / deviation * std::sqrt(per_year);
  if (series.benchmark_returns.empty()) return;
  const auto excess = subtract(series.net_returns, series.benchmark_returns);
  const auto found = subset_mean(excess, members.sessions, newey_west_lag(drop_missing(excess).size()));
  slice.excess_return = found.mean * per_year;
  slice.excess_t = found.t();
}

TimeSlice measure_slice(const ByTimeInputs& inputs, const Members& members, std::string key,
                        std::string name) {
  TimeSlice slice;
  slice.key = std::move(key);
  slice.name = std::move(name);
  measure_signal(inputs.signal, members, slice);
  measure_returns(inputs.series, members, slice);
  return slice;
}

template <class Belongs>
std::vector<char> mark(std::size_t count, const Belongs& belongs) {
  std::vector<char> member(count, 0);
  for (std::size_t t = 0; t < count; ++t) member[t] = belongs(t) ? 1 : 0;
  return member;
}

TimeGroup measure_years(const ByTimeInputs& inputs) {
  TimeGroup group{"Calendar year", {}};
  const auto& days = inputs.signal.dates;
  const auto& sessions = inputs.series.dates;
  if (sessions.empty()) return group;
  const auto year_of = [](Date date) { return year_month_day(date).year; };
  for (int year = year_of(sessions.front()); year <= year_of(sessions.back()); ++year) {
    const Members members{mark(days.size(), [&](std::size_t t) { return year_of(days[t]) == year; }),
                          mark(sessions.size(), [&](std::size_t t) { return year_of(sessions[t]) == year; })};
    const auto name = fmt::format("{}", year);
    group.slices.push_back(measure_slice(inputs, members, name, name));
  }
  return group;
}

/// Parts the evenings by a state of the universe: those with low < state <= high.
Members between(const Evenings& evenings, std::span<const double> state, double low, double high) {
  const auto inside = [&](std::size_t row) {
    const double value = value_at(state, row);
    return value > low && value <= high;
  };
  return {mark(evenings.of_day.size(), [&](std::size_t t) { return inside(evenings.of_day[t]); }),
          mark(evenings.of_session.size(), [&](std::size_t t) { return inside(evenings.of_session[t]); })};
}

TimeGroup measure_volatility(const ByTimeInputs& inputs, const Evenings& evenings,
                             std::span<const double> volatility) {
  std::vector<double> known;
  for (const std::size_t row : evenings.of_session) known.push_back(value_at(volatility, row));
  known = drop_missing(known);
  TimeGroup group{"Volatility of the universe, last 21 sessions", {}};
  if (known.size() < 3) return group;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double low = quantile(known, 1.0 / 3.0);
  const double high = quantile(known, 2.0 / 3.0);
  const auto add = [&](double from, double to, const char* key, std::string name) {
    group.slices.push_back(
        measure_slice(inputs, between(evenings, volatility, from, to), key, std::move(name)));
  };
  const auto percent = [](double value) { return html::percent(value, 1); };
  add(-kInfinity, low, "volatility_low", fmt::format("Calm: up to {}", percent(low)));
  add(low, high, "volatility_middle", fmt::format("Between: to {}", percent(high)));
  add(high, kInfinity, "volatility_high", fmt::format("Turbulent: above {}", percent(high)));
  return group;
}

TimeGroup measure_direction(const ByTimeInputs& inputs, const Evenings& evenings,
                            std::span<const double> change) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  TimeGroup group{"Direction of the universe, last 21 sessions", {}};
  group.slices.push_back(
      measure_slice(inputs, between(evenings, change, 0.0, kInfinity), "universe_rising", "Rising"));
  group.slices.push_back(
      measure_slice(inputs, between(evenings, change, -kInfinity, 0.0), "universe_falling", "Falling"));
  return group;
}

}  // namespace

RollingCorrelation roll_correlation(std::span<const Date> dates, std::span<const double> daily, int window) {
  RollingCorrelation rolling;
  rolling.window = window;
  const auto length = static_cast<std::size_t>(window);
  const int lag = newey_west_lag(length);
  std::vector<double> present;
  for (std::size_t t = 0; t < daily.size(); ++t) {
    if (!std::isfinite(daily[t])) continue;
    present.push_back(daily[t]);
    rolling.dates.push_back(dates[t]);
    if (present.size() < length) {
      rolling.mean.push_back(kNaN);
      rolling.standard_error.push_back(kNaN);
      continue;
    }
    const auto last = std::span<const double>(present).last(length);
    const double center = mean(last);
    const double error = newey_west_standard_error(last, lag);
    rolling.mean.push_back(center);
    rolling.standard_error.push_back(error);
    ++rolling.windows;
    rolling.above_zero += center - kTwoSided95 * error > 0.0 ? 1 : 0;
    rolling.below_zero += center + kTwoSided95 * error < 0.0 ? 1 : 0;
  }
  return rolling;
}

ByTime measure_by_time(const ByTimeInputs& inputs) {
  const auto state = trail_universe(inputs.universe_returns, inputs.series.periods_per_year);
  const auto evenings = find_evenings(inputs);
  ByTime result;
  result.groups = {measure_years(inputs), measure_volatility(inputs, evenings, state.volatility),
                   measure_direction(inputs, evenings, state.change)};
  result.rolling = roll_correlation(inputs.signal.dates, inputs.signal.rank_ic.daily, kRollingWindow);
  return result;
}

}  // namespace orrery
