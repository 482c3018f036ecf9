#include "orrery/factor/factor_days.h"

#include <algorithm>
#include <cmath>

#include "orrery/base/not_a_number.h"
#include "orrery/base/threads.h"
#include "orrery/factor/forward_returns.h"

namespace orrery {
namespace {

/// Days that a task takes one after the other, so that its buffers serve them all.
constexpr std::size_t kDaysTogether = 8;

/// One day's returns, made ready once for all factors.
struct DayReturns {
  std::vector<std::uint8_t> eligible;            ///< by instrument
  std::vector<SessionRow> horizons;              ///< by horizon
  std::vector<std::vector<SessionRow>> neutral;  ///< [neutralization][horizon]
  std::vector<SessionRow> sessions;              ///< by session behind the entry
};

/// Everything a task needs for its days; one a task.
class DayMeter {
 public:
  explicit DayMeter(const DayPlan& plan) : plan_(plan), neutral_rows_(plan.market.sectors, plan.market.size) {
    const std::size_t horizons = plan.spec.horizons.size();
    returns_.horizons.resize(horizons);
    returns_.neutral.assign(plan.neutralizations.size(), std::vector<SessionRow>(horizons));
    returns_.sessions.resize(static_cast<std::size_t>(plan.spec.decay_sessions));
    group_sum_.resize(static_cast<std::size_t>(plan.spec.quantiles));
    group_names_.resize(group_sum_.size());
  }

  /// Marks the day's eligible names and returns how many they are.
  int prepare_names(std::size_t day);
  void prepare_returns(std::size_t day);
  /// Fills `factor` with the day's eligible values.
  void read_factor(const FloatPanel& panel, std::size_t day);
  void measure(std::size_t day, FactorDays& out);
  void write_ranks(std::size_t day, FloatPanel& panel) const;

 private:
  std::size_t row_of(std::size_t day) const { return plan_.rows.begin + day; }
  std::size_t minimum() const { return static_cast<std::size_t>(plan_.spec.minimum_names); }
  void mask_returns();
  void measure_information(std::size_t day, FactorDays& out);
  void measure_neutral(std::size_t day, FactorDays& out);
  void measure_groups(std::size_t day, FactorDays& out);
  void average_groups(std::size_t day, std::size_t horizon, FactorDays& out);

  const DayPlan& plan_;
  SessionRows rows_;
  NeutralRows neutral_rows_;
  DayReturns returns_;
  SessionRow factor_;
  SessionRow residual_;
  std::vector<double> values_;
  std::vector<double> group_sum_;
  std::vector<int> group_names_;
};

int DayMeter::prepare_names(std::size_t day) {
  const auto row = plan_.market.eligible.row(row_of(day));
  returns_.eligible.assign(row.begin(), row.end());
  if (plan_.spec.common_sample) {
    values_.resize(row.size());
    for (const int sessions : plan_.spec.horizons) {
      const int delay = plan_.spec.delay;
      fill_forward_returns(plan_.market.closes, row_of(day), delay, delay + sessions, values_);
      for (std::size_t i = 0; i < values_.size(); ++i) {
        if (!std::isfinite(values_[i])) returns_.eligible[i] = 0;
      }
    }
  }
  return static_cast<int>(std::count(returns_.eligible.begin(), returns_.eligible.end(), std::uint8_t{1}));
}

void DayMeter::mask_returns() {
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (returns_.eligible[i] == 0) values_[i] = kNaN;
  }
}

void DayMeter::prepare_returns(std::size_t day) {
  const auto& closes = plan_.market.closes;
  const int delay = plan_.spec.delay;
  values_.resize(closes.columns());
  for (std::size_t h = 0; h < returns_.horizons.size(); ++h) {
    fill_forward_returns(closes, row_of(day), delay, delay + plan_.spec.horizons[h], values_);
    mask_returns();
    rows_.fill(values_, returns_.horizons[h]);
    for (std::size_t n = 0; n < plan_.neutralizations.size(); ++n) {
      values_ = returns_.horizons[h].values;
      neutral_rows_.apply(plan_.neutralizations[n], row_of(day), values_);
      rows_.fill(values_, returns_.neutral[n][h]);
    }
  }
  for (std::size_t k = 0; k < returns_.sessions.size(); ++k) {
    const int entry = delay + static_cast<int>(k);
    fill_forward_returns(closes, row_of(day), entry, entry + 1, values_);
    mask_returns();
    rows_.fill(values_, returns_.sessions[k]);
  }
}

void DayMeter::read_factor(const FloatPanel& panel, std::size_t day) {
  const auto row = panel.row(row_of(day));
  values_.resize(row.size());
  for (std::size_t i = 0; i < row.size(); ++i) {
    values_[i] = returns_.eligible[i] != 0 ? static_cast<double>(row[i]) : kNaN;
  }
  rows_.fill(values_, factor_);
}

void DayMeter::write_ranks(std::size_t day, FloatPanel& panel) const {
  const auto row = panel.row(row_of(day));
  for (std::size_t i = 0; i < row.size(); ++i) row[i] = static_cast<float>(factor_.ranks[i]);
}

void DayMeter::measure(std::size_t day, FactorDays& out) {
  out.names[day] = static_cast<int>(factor_.count());
  out.has_spread[day] = factor_.has_spread ? 1 : 0;
  measure_information(day, out);
  measure_neutral(day, out);
  measure_groups(day, out);
}

void DayMeter::measure_information(std::size_t day, FactorDays& out) {
  for (std::size_t h = 0; h < returns_.horizons.size(); ++h) {
    const auto found = rows_.correlate(factor_, returns_.horizons[h], minimum());
    out.ic(day, h) = found.ic;
    out.rank_ic(day, h) = found.rank_ic;
  }
  for (std::size_t k = 0; k < returns_.sessions.size(); ++k) {
    out.lagged_rank_ic(day, k) = rows_.correlate_ranks(factor_, returns_.sessions[k], minimum());
  }
}

void DayMeter::measure_neutral(std::size_t day, FactorDays& out) {
  const std::size_t horizons = returns_.horizons.size();
  for (std::size_t n = 0; n < plan_.neutralizations.size(); ++n) {
    values_ = factor_.values;
    neutral_rows_.apply(plan_.neutralizations[n], row_of(day), values_);
    rows_.fill(values_, residual_);
    for (std::size_t h = 0; h < horizons; ++h) {
      const auto found = rows_.correlate(residual_, returns_.neutral[n][h], minimum());
      out.neutral_ic(day, n * horizons + h) = found.ic;
      out.neutral_rank_ic(day, n * horizons + h) = found.rank_ic;
    }
  }
}

void DayMeter::measure_groups(std::size_t day, FactorDays& out) {
  const auto groups = out.groups.row(day);
  std::fill(groups.begin(), groups.end(), kNoQuantile);
  if (factor_.count() < minimum() || !factor_.has_spread) return;
  assign_quantiles(factor_, plan_.spec.quantiles, groups);
  auto names = out.quantile_names.row(day);
  std::fill(names.begin(), names.end(), 0.0);
  for (const auto i : factor_.order) names[groups[i]] += 1.0;
  for (std::size_t h = 0; h < returns_.horizons.size(); ++h) average_groups(day, h, out);
}

void DayMeter::average_groups(std::size_t day, std::size_t horizon, FactorDays& out) {
  std::fill(group_sum_.begin(), group_sum_.end(), 0.0);
  std::fill(group_names_.begin(), group_names_.end(), 0);
  const auto groups = out.groups.row(day);
  const SessionRow& returns = returns_.horizons[horizon];
  double sum = 0.0;
  int count = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] == kNoQuantile || !returns.has(i)) continue;
    group_sum_[groups[i]] += returns.values[i];
    ++group_names_[groups[i]];
    sum += returns.values[i];
    ++count;
  }
  if (static_cast<std::size_t>(count) < minimum()) return;
  out.names_mean(day, horizon) = sum / count;
  for (std::size_t q = 0; q < group_sum_.size(); ++q) {
    if (group_names_[q] > 0)
      out.quantile_mean(day, horizon * group_sum_.size() + q) = group_sum_[q] / group_names_[q];
  }
}

FactorDays empty_days(const DayPlan& plan) {
  const std::size_t days = plan.rows.size();
  const std::size_t horizons = plan.spec.horizons.size();
  const auto quantiles = static_cast<std::size_t>(plan.spec.quantiles);
  FactorDays out;
  out.ic = Panel(days, horizons);
  out.rank_ic = Panel(days, horizons);
  out.neutral_ic = Panel(days, horizons * plan.neutralizations.size());
  out.neutral_rank_ic = Panel(days, horizons * plan.neutralizations.size());
  out.lagged_rank_ic = Panel(days, static_cast<std::size_t>(plan.spec.decay_sessions));
  out.quantile_mean = Panel(days, horizons * quantiles);
  out.names_mean = Panel(days, horizons);
  out.quantile_names = Panel(days, quantiles);
  out.names.assign(days, 0);
  out.has_spread.assign(days, 0);
  out.groups = MaskPanel(days, plan.market.closes.columns(), kNoQuantile);
  return out;
}

template <class Work>
void for_days(const DayPlan& plan, int threads, const Work& work) {
  const std::size_t days = plan.rows.size();
  parallel_for((days + kDaysTogether - 1) / kDaysTogether, threads, [&](std::size_t task) {
    DayMeter meter(plan);
    const std::size_t end = std::min(days, (task + 1) * kDaysTogether);
    for (std::size_t day = task * kDaysTogether; day < end; ++day) work(meter, day);
  });
}

}  // namespace

std::vector<FactorDays> measure_days(const DayPlan& plan, FactorFrame& factors,
                                     std::vector<int>& eligible_names, int threads, Progress& progress) {
  std::vector<FactorDays> measured;
  for (std::size_t f = 0; f < factors.panels.size(); ++f) measured.push_back(empty_days(plan));
  eligible_names.assign(plan.rows.size(), 0);
  for_days(plan, threads, [&](DayMeter& meter, std::size_t day) {
    eligible_names[day] = meter.prepare_names(day);
    meter.prepare_returns(day);
    for (std::size_t f = 0; f < factors.panels.size(); ++f) {
      meter.read_factor(factors.panels[f], day);
      meter.measure(day, measured[f]);
      meter.write_ranks(day, factors.panels[f]);
    }
    progress.advance();
  });
  return measured;
}

void rank_days(const DayPlan& plan, FactorFrame& factors, int threads) {
  for_days(plan, threads, [&](DayMeter& meter, std::size_t day) {
    meter.prepare_names(day);
    for (auto& panel : factors.panels) {
      meter.read_factor(panel, day);
      meter.write_ranks(day, panel);
    }
  });
}

}  // namespace orrery
