#include "orrery/factor/factor_evaluation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"
#include "orrery/base/threads.h"
#include "orrery/factor/factor_correlations.h"
#include "orrery/factor/factor_days.h"
#include "orrery/factor/factor_persistence.h"

namespace orrery {
namespace {

void require(bool good, const char* name, const char* allowed, const std::string& found) {
  if (good) return;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("factor evaluation: {} must be {}, found {}", name, allowed, found));
}

void check_market(const EvaluationMarket& market) {
  const auto rows = market.closes.rows();
  const auto columns = market.closes.columns();
  const bool same =
      market.dates.size() == rows && market.eligible.rows() == rows && market.eligible.columns() == columns &&
      (market.sectors.empty() || market.sectors.size() == columns) &&
      (market.size.empty() || (market.size.rows() == rows && market.size.columns() == columns)) &&
      market.rows.end <= rows;
  if (!same)
    throw internal_error("dates, closes, names, sectors and sizes to judge factors on differ in shape");
}

std::vector<double> column(const Panel& panel, std::size_t column) {
  std::vector<double> values(panel.rows());
  for (std::size_t row = 0; row < panel.rows(); ++row) values[row] = panel(row, column);
  return values;
}

DailyMean mean_of_days(std::span<const double> daily, int sessions) {
  const std::vector<double> values = drop_missing(daily);
  DailyMean result;
  result.days = values.size();
  result.mean = mean(values);
  if (values.size() < 2) return result;
  result.lag = std::max(newey_west_lag(values.size()), sessions - 1);
  result.standard_error = newey_west_standard_error(values, result.lag);
  result.t = result.mean / result.standard_error;
  return result;
}

/// Rank correlation of the groups' numbers with their means.
double rank_correlation_with_order(const std::vector<double>& means) {
  if (drop_missing(means).size() < means.size()) return kNaN;
  std::vector<double> numbers(means.size());
  std::iota(numbers.begin(), numbers.end(), 1.0);
  std::vector<double> ranks(means.size());
  rank_average_ties(means, ranks);
  return pearson_correlation(numbers, ranks);
}

/// One factor's days at one horizon.
struct HorizonDays {
  const DayPlan& plan;
  const FactorDays& days;
  std::size_t horizon;

  int sessions() const { return plan.spec.horizons[horizon]; }
  std::size_t quantiles() const { return static_cast<std::size_t>(plan.spec.quantiles); }
};

FactorQuantiles summarize_quantiles(const HorizonDays& from, std::vector<double> turnover) {
  FactorQuantiles result;
  const std::vector<double> all = column(from.days.names_mean, from.horizon);
  for (std::size_t q = 0; q < from.quantiles(); ++q) {
    const auto daily = column(from.days.quantile_mean, from.horizon * from.quantiles() + q);
    std::vector<double> excess(daily.size());
    for (std::size_t t = 0; t < daily.size(); ++t) excess[t] = daily[t] - all[t];
    result.mean.push_back(mean(drop_missing(daily)));
    result.excess.push_back(mean(drop_missing(excess)));
    result.names.push_back(mean(drop_missing(column(from.days.quantile_names, q))));
  }
  result.turnover = std::move(turnover);
  result.monotonicity = rank_correlation_with_order(result.mean);
  return result;
}

/// A rebalance sells what leaves each of the two groups and buys what enters it.
LongShort summarize_long_short(const HorizonDays& from, const std::vector<double>& turnover) {
  LongShort result;
  const std::size_t first = from.horizon * from.quantiles();
  const auto lowest = column(from.days.quantile_mean, first);
  const auto highest = column(from.days.quantile_mean, first + from.quantiles() - 1);
  for (std::size_t t = 0; t < lowest.size(); ++t) result.daily.push_back(highest[t] - lowest[t]);
  result.gross = mean_of_days(result.daily, from.sessions());
  const double traded = 2.0 * (turnover.front() + turnover.back());
  result.net_mean = std::fabs(result.gross.mean) - traded * from.plan.spec.cost_bps * 1e-4;
  result.break_even_bps = traded > 0.0 ? std::fabs(result.gross.mean) / traded * 1e4 : kNaN;
  return result;
}

/// The daily values of neutral correlations are not kept.
CorrelationSummary summarize_without_days(std::vector<double> daily, int sessions) {
  CorrelationSummary summary = summarize_correlations(std::move(daily), sessions);
  summary.daily = {};
  return summary;
}

FactorHorizon summarize_horizon(const HorizonDays& from, const FloatPanel& ranks) {
  const DayPlan& plan = from.plan;
  FactorHorizon result;
  result.sessions = from.sessions();
  result.ic = summarize_correlations(column(from.days.ic, from.horizon), from.sessions());
  result.rank_ic = summarize_correlations(column(from.days.rank_ic, from.horizon), from.sessions());
  for (std::size_t n = 0; n < plan.neutralizations.size(); ++n) {
    const std::size_t at = n * plan.spec.horizons.size() + from.horizon;
    result.neutral.push_back(
        {plan.neutralizations[n], summarize_without_days(column(from.days.neutral_ic, at), from.sessions()),
         summarize_without_days(column(from.days.neutral_rank_ic, at), from.sessions())});
  }
  const auto persistence = measure_persistence(ranks, plan.rows, from.days.groups, plan.spec.quantiles,
                                               from.sessions(), plan.spec.minimum_names);
  result.autocorrelation = persistence.autocorrelation;
  result.long_short = summarize_long_short(from, persistence.turnover);
  result.quantiles = summarize_quantiles(from, persistence.turnover);
  return result;
}

SignalDecay summarize_decay(const FactorDays& days) {
  SignalDecay decay;
  for (std::size_t k = 0; k < days.lagged_rank_ic.columns(); ++k) {
    const auto daily = column(days.lagged_rank_ic, k);
    decay.rank_ic.push_back(mean(drop_missing(daily)));
    if (k == 0) decay.first_t = mean_of_days(daily, 1).t;
  }
  if (std::fabs(decay.first_t) >= kSignificant) decay.half_life = fit_half_life(decay.rank_ic);
  return decay;
}

FactorResult summarize_factor(const DayPlan& plan, const FactorDays& days, const FloatPanel& ranks,
                              std::span<const int> eligible_names) {
  FactorResult result;
  const double names = std::accumulate(days.names.begin(), days.names.end(), 0.0);
  const double eligible = std::accumulate(eligible_names.begin(), eligible_names.end(), 0.0);
  result.coverage = eligible > 0.0 ? names / eligible : kNaN;
  result.mean_names = names / static_cast<double>(std::max<std::size_t>(days.names.size(), 1));
  for (std::size_t h = 0; h < plan.spec.horizons.size(); ++h) {
    result.horizons.push_back(summarize_horizon({plan, days, h}, ranks));
  }
  result.decay = summarize_decay(days);
  return result;
}

/// How many factors fit the memory: their values, groups and daily measures.
std::size_t factors_together(const DayPlan& plan, std::size_t memory_bytes) {
  const auto& spec = plan.spec;
  const std::size_t cells = plan.market.closes.rows() * plan.market.closes.columns();
  const std::size_t by_horizon =
      5 + 2 * plan.neutralizations.size() + static_cast<std::size_t>(spec.quantiles);
  const std::size_t daily =
      plan.rows.size() * 8 *
      (spec.horizons.size() * by_horizon + static_cast<std::size_t>(spec.decay_sessions + spec.quantiles));
  return std::max<std::size_t>(
      1, memory_bytes / (cells * 4 + plan.rows.size() * plan.market.closes.columns() + daily));
}

/// All factors of an evaluation, block by block.
class BlockEvaluation {
 public:
  BlockEvaluation(const DayPlan& plan, const FactorBlocks& blocks, int threads, Progress& progress)
      : plan_(plan), blocks_(blocks), threads_(threads), progress_(progress) {}

  void run(std::size_t count, std::size_t together, FactorEvaluation& result) {
    for (std::size_t first = 0; first < count; first += together) {
      FactorFrame factors = blocks_(first, std::min(together, count - first));
      judge(first, factors, result);
      progress_.begin("correlating factors", 0);
      correlate_factors({factors.panels, first}, {factors.panels, first}, plan_.rows, threads_,
                        result.correlations);
      for (std::size_t before = 0; before < first; before += together) {
        FactorFrame others = blocks_(before, together);
        rank_days(plan_, others, threads_);
        correlate_factors({factors.panels, first}, {others.panels, before}, plan_.rows, threads_,
                          result.correlations);
      }
      progress_.end();
    }
  }

 private:
  void judge(std::size_t first, FactorFrame& factors, FactorEvaluation& result) {
    std::vector<int> eligible_names;
    progress_.begin("judging factors", plan_.rows.size());
    const auto days = measure_days(plan_, factors, eligible_names, threads_, progress_);
    progress_.end();
    parallel_for(days.size(), threads_, [&](std::size_t f) {
      auto& out = result.factors[first + f];
      const std::string name = out.name;
      out = summarize_factor(plan_, days[f], factors.panels[f], eligible_names);
      out.name = name;
    });
  }

  const DayPlan& plan_;
  const FactorBlocks& blocks_;
  int threads_;
  Progress& progress_;
};

}  // namespace

std::size_t FactorEvaluation::primary() const {
  const auto& horizons = spec.horizons;
  return static_cast<std::size_t>(std::find(horizons.begin(), horizons.end(), spec.primary) -
                                  horizons.begin());
}

FactorEvaluationSpec checked_spec(FactorEvaluationSpec spec) {
  const auto text = [](int value) { return std::to_string(value); };
  for (const int sessions : spec.horizons) {
    require(sessions >= 1 && sessions <= 2500, "a horizon", "1 to 2500 sessions", text(sessions));
  }
  require(std::find(spec.horizons.begin(), spec.horizons.end(), spec.primary) != spec.horizons.end() ||
              spec.primary == 1,
          "the horizon to rank by", "one of the horizons", text(spec.primary));
  require(spec.delay >= 0 && spec.delay <= 250, "the delay", "0 to 250 sessions", text(spec.delay));
  require(spec.quantiles >= 2 && spec.quantiles <= 100, "quantiles", "2 to 100", text(spec.quantiles));
  require(spec.minimum_names >= 3, "the least number of names a day", "at least 3", text(spec.minimum_names));
  require(spec.decay_sessions >= 1 && spec.decay_sessions <= 250, "the length of the decay curve",
          "1 to 250 sessions", text(spec.decay_sessions));
  require(spec.cost_bps >= 0.0 && spec.cost_bps < 1e4, "the cost a side", "0 to 10000 basis points",
          fmt::format("{}", spec.cost_bps));
  require(spec.max_correlation > 0.0 && spec.max_correlation <= 1.0, "the largest correlation", "in (0, 1]",
          fmt::format("{}", spec.max_correlation));
  spec.horizons.push_back(1);
  std::sort(spec.horizons.begin(), spec.horizons.end());
  spec.horizons.erase(std::unique(spec.horizons.begin(), spec.horizons.end()), spec.horizons.end());
  return spec;
}

FactorEvaluation evaluate_factors(const std::vector<std::string>& names, const FactorBlocks& blocks,
                                  const EvaluationMarket& market, const FactorEvaluationSpec& spec,
                                  int threads, Progress& progress, std::size_t memory_bytes) {
  check_market(market);
  FactorEvaluation result;
  result.spec = checked_spec(spec);
  const RowRange rows = market.rows.empty() ? RowRange{0, market.closes.rows()} : market.rows;
  const DayPlan plan{market, result.spec, rows, NeutralRows(market.sectors, market.size).possible()};
  result.dates.assign(market.dates.begin() + static_cast<std::ptrdiff_t>(rows.begin),
                      market.dates.begin() + static_cast<std::ptrdiff_t>(rows.end));
  for (const auto& name : names) {
    result.factors.emplace_back();
    result.factors.back().name = name;
  }
  result.correlations = Panel(names.size(), names.size());
  BlockEvaluation(plan, blocks, threads, progress)
      .run(names.size(), factors_together(plan, memory_bytes), result);
  return result;
}

}  // namespace orrery
