#include "orrery/report/by_time.h"

#include <algorithm>
#include <cmath>

#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"
#include "orrery/factor/factor_slices.h"
#include "orrery/market/universe_state.h"
#include "orrery/report/two_sided.h"

namespace orrery {
namespace {

constexpr int kRollingWindow = 63;  // a quarter

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

std::size_t row_of(std::span<const Date> dates, Date date) {
  return static_cast<std::size_t>(std::lower_bound(dates.begin(), dates.end(), date) - dates.begin());
}

/// Rows of the universe whose evening decides where each day's IC belongs.
std::vector<std::size_t> evenings_of_days(const ByTimeInputs& inputs) {
  std::vector<std::size_t> rows;
  for (const Date date : inputs.signal.dates) rows.push_back(row_of(inputs.universe_dates, date));
  return rows;
}

/// The same for each session's return; kNone when there is no session before it.
std::vector<std::size_t> evenings_of_sessions(const ByTimeInputs& inputs) {
  std::vector<std::size_t> rows;
  for (const Date date : inputs.series.dates) {
    const std::size_t row = row_of(inputs.universe_dates, date);
    rows.push_back(row == 0 ? kNone : row - 1);
  }
  return rows;
}

UniverseState state_on(const UniverseState& state, std::span<const std::size_t> rows) {
  const auto value_at = [](std::span<const double> values, std::size_t row) {
    return row < values.size() ? values[row] : kNaN;
  };
  UniverseState picked;
  for (const std::size_t row : rows) {
    picked.volatility.push_back(value_at(state.volatility, row));
    picked.change.push_back(value_at(state.change, row));
  }
  return picked;
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
  std::span<const char> days;
  std::span<const char> sessions;
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

/// `days` and `sessions` are parted in the same way.
TimeGroup measure_group(const ByTimeInputs& inputs, const DayGroup& days, const DayGroup& sessions) {
  TimeGroup group{sessions.title, {}};
  for (std::size_t i = 0; i < sessions.slices.size(); ++i) {
    const auto& slice = sessions.slices[i];
    group.slices.push_back(
        measure_slice(inputs, {days.slices[i].member, slice.member}, slice.key, slice.name));
  }
  return group;
}

std::vector<TimeGroup> measure_groups(const ByTimeInputs& inputs) {
  const auto state = trail_universe(inputs.universe_returns, inputs.series.periods_per_year);
  const auto session_state = state_on(state, evenings_of_sessions(inputs));
  const auto parting = find_parting(inputs.series.dates, session_state);
  const auto sessions = part_days(inputs.series.dates, session_state, parting);
  const auto days = part_days(inputs.signal.dates, state_on(state, evenings_of_days(inputs)), parting);
  std::vector<TimeGroup> groups;
  for (std::size_t i = 0; i < sessions.size(); ++i) {
    groups.push_back(measure_group(inputs, days[i], sessions[i]));
  }
  return groups;
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
  ByTime result;
  result.groups = measure_groups(inputs);
  result.rolling = roll_correlation(inputs.signal.dates, inputs.signal.rank_ic.daily, kRollingWindow);
  return result;
}

}  // namespace orrery
