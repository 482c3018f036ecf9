#include "orrery/factor/evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"
#include "orrery/base/threads.h"
#include "orrery/factor/forward_returns.h"

namespace orrery {
namespace {

/// A cell's value with its column, so that sorting needs no indirection.
struct Cell {
  double value;
  std::uint32_t column;
};

/// Returns the finite cells of a row in ascending order, equal values in column order.
std::vector<Cell> sort_cells(std::span<const double> values) {
  std::vector<Cell> cells;
  cells.reserve(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) cells.push_back({values[i], static_cast<std::uint32_t>(i)});
  }
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return a.value != b.value ? a.value < b.value : a.column < b.column;
  });
  return cells;
}

/// Gives every sorted cell its rank from 1; a run of equal values shares the mean of its ranks.
void assign_ranks(std::span<const Cell> sorted, std::span<double> ranks) {
  for (std::size_t begin = 0; begin < sorted.size();) {
    std::size_t end = begin + 1;
    while (end < sorted.size() && sorted[end].value == sorted[begin].value) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[sorted[i].column] = rank;
    begin = end;
  }
}

/// Keeps the cells whose column has a finite value in `other`; the order stays.
std::vector<Cell> keep_common(std::span<const Cell> sorted, std::span<const double> other) {
  std::vector<Cell> kept;
  kept.reserve(sorted.size());
  for (const Cell& cell : sorted) {
    if (std::isfinite(other[cell.column])) kept.push_back(cell);
  }
  return kept;
}

double correlate_ranks(std::span<const Cell> x, std::span<const Cell> y, std::size_t columns) {
  std::vector<double> x_ranks(columns);
  std::vector<double> y_ranks(columns);
  assign_ranks(x, x_ranks);
  assign_ranks(y, y_ranks);
  std::vector<double> paired;
  paired.reserve(x.size());
  for (const Cell& cell : x) paired.push_back(y_ranks[cell.column]);
  std::vector<double> own;
  own.reserve(x.size());
  for (const Cell& cell : x) own.push_back(x_ranks[cell.column]);
  return pearson_correlation(own, paired);
}

double correlate_values(std::span<const Cell> x, std::span<const double> y) {
  std::vector<double> own;
  std::vector<double> paired;
  own.reserve(x.size());
  paired.reserve(x.size());
  for (const Cell& cell : x) {
    own.push_back(cell.value);
    paired.push_back(y[cell.column]);
  }
  return pearson_correlation(own, paired);
}

struct DayCorrelation {
  double ic = kNaN;
  double rank_ic = kNaN;
};

/// Correlates one day's sorted scores with its returns; both lists hold the same columns.
DayCorrelation correlate_day(std::span<const Cell> scores, std::span<const Cell> returns,
                             std::span<const double> return_row, int minimum_pairs) {
  if (scores.size() < static_cast<std::size_t>(minimum_pairs)) return {};
  return {correlate_values(scores, return_row), correlate_ranks(scores, returns, return_row.size())};
}

/// Returns the quantile of each sorted cell as pandas.qcut does: inner edges interpolated between
/// neighbours, a value on an edge belongs below it.
std::vector<int> assign_quantiles(std::span<const Cell> sorted, int quantiles) {
  std::vector<int> result(sorted.size());
  int quantile = 0;
  const auto edge = [&](int k) {
    const std::size_t scaled = (sorted.size() - 1) * static_cast<std::size_t>(k);
    const std::size_t below = scaled / static_cast<std::size_t>(quantiles);
    const std::size_t remainder = scaled % static_cast<std::size_t>(quantiles);
    if (remainder == 0) return sorted[below].value;
    const double step = sorted[below + 1].value - sorted[below].value;
    return sorted[below].value + step * (static_cast<double>(remainder) / quantiles);
  };
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    while (quantile + 1 < quantiles && sorted[i].value > edge(quantile + 1)) ++quantile;
    result[i] = quantile;
  }
  return result;
}

/// Everything about one day that needs no other day.
struct DayResult {
  DayCorrelation correlation;
  int scored = 0;
  int pairs = 0;
  int returns = 0;
  std::vector<double> quantile_mean;
  std::vector<int> quantile_count;
  double autocorrelation = kNaN;
  double top_turnover = kNaN;
};

void average_quantiles(std::span<const Cell> pairs, std::span<const double> returns, int quantiles,
                       DayResult& day) {
  day.quantile_mean.assign(static_cast<std::size_t>(quantiles), 0.0);
  day.quantile_count.assign(static_cast<std::size_t>(quantiles), 0);
  const std::vector<int> groups = assign_quantiles(pairs, quantiles);
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    day.quantile_mean[static_cast<std::size_t>(groups[i])] += returns[pairs[i].column];
    ++day.quantile_count[static_cast<std::size_t>(groups[i])];
  }
  for (std::size_t q = 0; q < day.quantile_mean.size(); ++q) {
    day.quantile_mean[q] = day.quantile_count[q] > 0 ? day.quantile_mean[q] / day.quantile_count[q] : kNaN;
  }
}

std::vector<char> mark_top_quantile(std::span<const Cell> sorted, int quantiles, std::size_t columns) {
  std::vector<char> top(columns, 0);
  const std::vector<int> groups = assign_quantiles(sorted, quantiles);
  for (std::size_t i = 0; i < sorted.size(); ++i) top[sorted[i].column] = groups[i] == quantiles - 1;
  return top;
}

/// Share of today's highest quantile that was not in it the day before.
double compute_top_turnover(std::span<const Cell> today, std::span<const Cell> before, int quantiles,
                            std::size_t columns) {
  const std::vector<char> top_today = mark_top_quantile(today, quantiles, columns);
  const std::vector<char> top_before = mark_top_quantile(before, quantiles, columns);
  int names = 0;
  int entered = 0;
  for (std::size_t i = 0; i < columns; ++i) {
    names += top_today[i];
    entered += top_today[i] & ~top_before[i] & 1;
  }
  return names > 0 ? static_cast<double>(entered) / names : kNaN;
}

/// Adds what compares today's scores with those of the day before.
void compare_with_day_before(std::span<const Cell> today, std::span<const double> today_row,
                             std::span<const double> before_row, const SignalEvaluationOptions& options,
                             DayResult& day) {
  const auto minimum = static_cast<std::size_t>(options.minimum_pairs);
  const std::vector<Cell> before = sort_cells(before_row);
  if (today.size() < minimum || before.size() < minimum) return;
  const std::vector<Cell> common_today = keep_common(today, before_row);
  if (common_today.size() >= minimum) {
    day.autocorrelation = correlate_ranks(common_today, keep_common(before, today_row), today_row.size());
  }
  day.top_turnover = compute_top_turnover(today, before, options.quantiles, today_row.size());
}

DayResult evaluate_day(const Panel& scores, const Panel& returns, std::size_t row, bool has_day_before,
                       const SignalEvaluationOptions& options) {
  DayResult day;
  const std::vector<Cell> sorted_scores = sort_cells(scores.row(row));
  const std::vector<Cell> sorted_returns = sort_cells(returns.row(row));
  const std::vector<Cell> pairs = keep_common(sorted_scores, returns.row(row));
  day.scored = static_cast<int>(sorted_scores.size());
  day.returns = static_cast<int>(sorted_returns.size());
  day.pairs = static_cast<int>(pairs.size());
  day.correlation = correlate_day(pairs, keep_common(sorted_returns, scores.row(row)), returns.row(row),
                                  options.minimum_pairs);
  day.quantile_mean.assign(static_cast<std::size_t>(options.quantiles), kNaN);
  day.quantile_count.assign(static_cast<std::size_t>(options.quantiles), 0);
  if (day.pairs >= options.minimum_pairs && pairs.front().value != pairs.back().value) {
    average_quantiles(pairs, returns.row(row), options.quantiles, day);
  }
  if (has_day_before) {
    compare_with_day_before(sorted_scores, scores.row(row), scores.row(row - 1), options, day);
  }
  return day;
}

bool any_finite(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isfinite(value); });
}

struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

/// Returns the rows from the first to the last one that has a score.
Span find_scored_rows(const Panel& scores) {
  Span span{0, scores.rows()};
  while (span.begin < span.end && !any_finite(scores.row(span.begin))) ++span.begin;
  while (span.end > span.begin && !any_finite(scores.row(span.end - 1))) --span.end;
  return span;
}

void check_options(const SignalEvaluationOptions& options) {
  const auto check = [](bool good, const char* name, const char* allowed, int found) {
    if (good) return;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("evaluation: {} must be {}, found {}", name, allowed, found));
  };
  check(options.quantiles >= 2, "quantiles", "at least 2", options.quantiles);
  check(options.minimum_pairs >= 3, "minimum_pairs", "at least 3", options.minimum_pairs);
  check(options.return_sessions >= 1, "return_sessions", "at least 1", options.return_sessions);
}

void check_same_shape(const Panel& scores, const Panel& other, const char* name) {
  if (scores.rows() == other.rows() && scores.columns() == other.columns()) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("evaluation: scores are {} x {}, but {} are {} x {}", scores.rows(),
                               scores.columns(), name, other.rows(), other.columns()));
}

double mean_of_present(std::span<const double> values) { return mean(drop_missing(values)); }

int choose_lag(std::size_t days, int return_sessions, int requested) {
  if (requested >= 0) return requested;
  return std::max(newey_west_lag(days), return_sessions - 1);
}

std::vector<MonthlyCorrelation> average_by_month(std::span<const Date> dates, std::span<const double> ic,
                                                 std::span<const double> rank_ic) {
  std::vector<MonthlyCorrelation> months;
  std::vector<double> ic_values;
  std::vector<double> rank_values;
  const auto close_month = [&] {
    if (months.empty()) return;
    months.back().ic = mean(ic_values);
    months.back().rank_ic = mean(rank_values);
    months.back().days = rank_values.size();
  };
  for (std::size_t i = 0; i < dates.size(); ++i) {
    const YearMonthDay day = year_month_day(dates[i]);
    if (months.empty() || months.back().year != day.year || months.back().month != day.month) {
      close_month();
      months.push_back({day.year, day.month});
      ic_values.clear();
      rank_values.clear();
    }
    if (std::isfinite(ic[i])) ic_values.push_back(ic[i]);
    if (std::isfinite(rank_ic[i])) rank_values.push_back(rank_ic[i]);
  }
  close_month();
  return months;
}

/// Compounds a series of returns, each at 1/sessions of its size; a missing one adds nothing.
std::vector<double> cumulate(std::span<const double> returns, int sessions) {
  std::vector<double> result;
  result.reserve(returns.size());
  double growth = 1.0;
  for (const double value : returns) {
    if (std::isfinite(value)) growth *= 1.0 + value / sessions;
    result.push_back(growth - 1.0);
  }
  return result;
}

std::vector<double> copy_column(const Panel& panel, std::size_t column) {
  std::vector<double> values(panel.rows());
  for (std::size_t row = 0; row < panel.rows(); ++row) values[row] = panel(row, column);
  return values;
}

void summarize_long_short(const SignalEvaluationOptions& options, QuantileReturns& result) {
  const std::vector<double> present = drop_missing(result.long_short);
  result.long_short_mean = mean(present);
  const int lag = choose_lag(present.size(), options.return_sessions, options.newey_west_lag);
  result.long_short_newey_west_t = result.long_short_mean / newey_west_standard_error(present, lag);
  result.long_short_cumulated = cumulate(result.long_short, options.return_sessions);
}

QuantileReturns collect_quantiles(std::span<const DayResult> days, const SignalEvaluationOptions& options) {
  QuantileReturns result;
  const auto quantiles = static_cast<std::size_t>(options.quantiles);
  result.quantiles = options.quantiles;
  result.daily = Panel(days.size(), quantiles);
  result.cumulated = Panel(days.size(), quantiles);
  for (std::size_t t = 0; t < days.size(); ++t) {
    std::copy(days[t].quantile_mean.begin(), days[t].quantile_mean.end(), result.daily.row_data(t));
    result.long_short.push_back(days[t].quantile_mean.back() - days[t].quantile_mean.front());
  }
  for (std::size_t q = 0; q < quantiles; ++q) {
    const std::vector<double> series = copy_column(result.daily, q);
    result.mean.push_back(mean_of_present(series));
    const std::vector<double> cumulated = cumulate(series, options.return_sessions);
    for (std::size_t t = 0; t < days.size(); ++t) result.cumulated(t, q) = cumulated[t];
    std::vector<double> counts;
    for (const DayResult& day : days) {
      if (std::isfinite(day.quantile_mean[q])) counts.push_back(day.quantile_count[q]);
    }
    result.mean_count.push_back(mean(counts));
  }
  summarize_long_short(options, result);
  return result;
}

template <class Get>
std::vector<double> collect(std::span<const DayResult> days, Get get) {
  std::vector<double> values;
  values.reserve(days.size());
  for (const DayResult& day : days) values.push_back(get(day));
  return values;
}

void collect_coverage(std::span<const DayResult> days, SignalEvaluation& result) {
  double scored = 0.0;
  double pairs = 0.0;
  double returns = 0.0;
  for (const DayResult& day : days) {
    result.scored.push_back(day.scored);
    result.pairs.push_back(day.pairs);
    scored += day.scored;
    pairs += day.pairs;
    returns += day.returns;
  }
  if (!days.empty()) result.mean_scored = scored / static_cast<double>(days.size());
  if (returns > 0.0) result.coverage = pairs / returns;
}

}  // namespace

void rank_average_ties(std::span<const double> values, std::span<double> ranks) {
  std::fill(ranks.begin(), ranks.end(), kNaN);
  assign_ranks(sort_cells(values), ranks);
}

double pearson_correlation(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return kNaN;
  const double x_mean = mean(x);
  const double y_mean = mean(y);
  double xx = 0.0;
  double yy = 0.0;
  double xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double dx = x[i] - x_mean;
    const double dy = y[i] - y_mean;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  // Rounding of the mean leaves a constant series a variance of some 1e-33 of its size: that is none.
  const double scale = 1e-28 * static_cast<double>(x.size());
  if (xx <= scale * x_mean * x_mean || yy <= scale * y_mean * y_mean) return kNaN;
  return std::clamp(xy / (std::sqrt(xx) * std::sqrt(yy)), -1.0, 1.0);
}

CorrelationSummary summarize_correlations(std::vector<double> daily, int return_sessions,
                                          int newey_west_lag) {
  CorrelationSummary summary;
  const std::vector<double> values = drop_missing(daily);
  summary.daily = std::move(daily);
  summary.days = values.size();
  summary.mean = mean(values);
  if (values.size() < 2) return summary;
  summary.standard_deviation = standard_deviation(values);
  summary.icir = summary.mean / summary.standard_deviation;
  summary.newey_west_lag = choose_lag(values.size(), return_sessions, newey_west_lag);
  summary.newey_west_standard_error = newey_west_standard_error(values, summary.newey_west_lag);
  summary.newey_west_t = summary.mean / summary.newey_west_standard_error;
  const auto positive = std::count_if(values.begin(), values.end(), [](double value) { return value > 0.0; });
  summary.positive_share = static_cast<double>(positive) / static_cast<double>(values.size());
  return summary;
}

SignalEvaluation evaluate_signal(const Panel& scores, const Panel& forward_returns,
                                 std::span<const Date> dates, const SignalEvaluationOptions& options) {
  check_options(options);
  check_same_shape(scores, forward_returns, "forward returns");
  if (dates.size() != scores.rows()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("evaluation: scores have {} rows, but there are {} dates", scores.rows(), dates.size()));
  }
  const Span rows = find_scored_rows(scores);
  std::vector<DayResult> days(rows.size());
  parallel_for(days.size(), options.threads, [&](std::size_t i) {
    days[i] = evaluate_day(scores, forward_returns, rows.begin + i, i > 0, options);
  });
  SignalEvaluation result;
  result.dates.assign(dates.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                      dates.begin() + static_cast<std::ptrdiff_t>(rows.end));
  result.ic = summarize_correlations(collect(days, [](const DayResult& day) { return day.correlation.ic; }),
                                     options.return_sessions, options.newey_west_lag);
  result.rank_ic =
      summarize_correlations(collect(days, [](const DayResult& day) { return day.correlation.rank_ic; }),
                             options.return_sessions, options.newey_west_lag);
  result.monthly = average_by_month(result.dates, result.ic.daily, result.rank_ic.daily);
  result.quantiles = collect_quantiles(days, options);
  result.autocorrelation = collect(days, [](const DayResult& day) { return day.autocorrelation; });
  result.mean_autocorrelation = mean_of_present(result.autocorrelation);
  result.top_quantile_turnover = collect(days, [](const DayResult& day) { return day.top_turnover; });
  result.mean_top_quantile_turnover = mean_of_present(result.top_quantile_turnover);
  collect_coverage(days, result);
  return result;
}

std::vector<int> default_horizons() { return {1, 2, 3, 5, 10, 20}; }

std::vector<HorizonCorrelation> evaluate_decay(const Panel& scores, const Panel& closes, int delay,
                                               std::span<const int> horizons,
                                               const SignalEvaluationOptions& options) {
  check_options(options);
  check_same_shape(scores, closes, "closes");
  if (delay < 0 || std::any_of(horizons.begin(), horizons.end(), [](int h) { return h < 1; })) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("evaluation: delay must be at least 0 and horizons at least 1, found delay {}", delay));
  }
  const Span rows = find_scored_rows(scores);
  std::vector<std::vector<DayCorrelation>> days(rows.size(), std::vector<DayCorrelation>(horizons.size()));
  parallel_for(days.size(), options.threads, [&](std::size_t i) {
    const std::span<const double> score_row = scores.row(rows.begin + i);
    const std::vector<Cell> sorted = sort_cells(score_row);
    std::vector<double> returns(score_row.size());
    for (std::size_t h = 0; h < horizons.size(); ++h) {
      fill_forward_returns(closes, rows.begin + i, delay, delay + horizons[h], returns);
      days[i][h] = correlate_day(keep_common(sorted, returns), keep_common(sort_cells(returns), score_row),
                                 returns, options.minimum_pairs);
    }
  });
  std::vector<HorizonCorrelation> decay;
  for (std::size_t h = 0; h < horizons.size(); ++h) {
    std::vector<double> ic;
    std::vector<double> rank_ic;
    for (const auto& day : days) {
      ic.push_back(day[h].ic);
      rank_ic.push_back(day[h].rank_ic);
    }
    decay.push_back({horizons[h], summarize_correlations(std::move(ic), horizons[h], options.newey_west_lag),
                     summarize_correlations(std::move(rank_ic), horizons[h], options.newey_west_lag)});
  }
  return decay;
}

}  // namespace orrery
