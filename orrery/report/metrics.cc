#include "orrery/report/metrics.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"
#include "orrery/report/selection.h"

namespace orrery {
namespace {

MetricValue date_of(const std::optional<Date>& date) { return date ? to_string(*date) : std::string(); }

const Drawdown* deepest(const Performance& result) {
  return result.worst_drawdowns.empty() ? nullptr : &result.worst_drawdowns.front();
}

using Signal = SignalEvaluation;
using Events = ClassificationMetrics;

constexpr std::string_view kGrinold = "Grinold and Kahn (2000), Active Portfolio Management, ch. 6";
constexpr std::string_view kEmpyrical = "empyrical";

const MetricDefinition<Signal> kSignal[] = {
    {"ic_mean", "correlation",
     "Mean over the days of the Pearson correlation of score and raw forward return.", kGrinold,
     [](const Signal& s) -> MetricValue { return s.ic.mean; }},
    {"ic_std", "correlation", "Standard deviation of the daily IC, divisor n - 1.", kGrinold,
     [](const Signal& s) -> MetricValue { return s.ic.standard_deviation; }},
    {"icir", "per day", "ic_mean / ic_std, daily, not annualised.", "qlib",
     [](const Signal& s) -> MetricValue { return s.ic.icir; }},
    {"ic_t", "standard errors",
     "ic_mean over its Newey-West standard error (Bartlett weights, ic_lag lags, no small-sample "
     "correction).",
     kNeweyWest, [](const Signal& s) -> MetricValue { return s.ic.newey_west_t; }},
    {"ic_standard_error", "correlation", "Newey-West standard error of ic_mean.", kNeweyWest,
     [](const Signal& s) -> MetricValue { return s.ic.newey_west_standard_error; }},
    {"ic_lag", "days",
     "Newey-West lag: floor(4 (n/100)^(2/9)), at least the sessions of the label minus one.", kNeweyWest,
     [](const Signal& s) -> MetricValue { return count_of(static_cast<std::size_t>(s.ic.newey_west_lag)); }},
    {"ic_positive_share", "fraction", "Share of the days with a positive IC.", kOwn,
     [](const Signal& s) -> MetricValue { return s.ic.positive_share; }},
    {"rank_ic_mean", "correlation",
     "Mean over the days of the Spearman correlation of score and raw forward return; ties take their "
     "average rank.",
     kGrinold, [](const Signal& s) -> MetricValue { return s.rank_ic.mean; }},
    {"rank_ic_std", "correlation", "Standard deviation of the daily rank IC, divisor n - 1.", kGrinold,
     [](const Signal& s) -> MetricValue { return s.rank_ic.standard_deviation; }},
    {"rank_icir", "per day", "rank_ic_mean / rank_ic_std, daily, not annualised.", "qlib",
     [](const Signal& s) -> MetricValue { return s.rank_ic.icir; }},
    {"rank_ic_t", "standard errors", "rank_ic_mean over its Newey-West standard error.", kNeweyWest,
     [](const Signal& s) -> MetricValue { return s.rank_ic.newey_west_t; }},
    {"rank_ic_standard_error", "correlation", "Newey-West standard error of rank_ic_mean.", kNeweyWest,
     [](const Signal& s) -> MetricValue { return s.rank_ic.newey_west_standard_error; }},
    {"rank_ic_positive_share", "fraction", "Share of the days with a positive rank IC.", kOwn,
     [](const Signal& s) -> MetricValue { return s.rank_ic.positive_share; }},
    {"ic_days", "days",
     "Days whose rank IC could be computed: at least 5 names with score and return, and variance in both.",
     kOwn, [](const Signal& s) -> MetricValue { return count_of(s.rank_ic.days); }},
    {"long_short_mean", "fraction per forward return",
     "Mean return of the fifth of the names with the highest scores minus that of the fifth with the lowest, "
     "before costs.",
     "pandas.qcut groups by day", [](const Signal& s) -> MetricValue { return s.quantiles.long_short_mean; }},
    {"long_short_t", "standard errors", "long_short_mean over its Newey-West standard error.", kNeweyWest,
     [](const Signal& s) -> MetricValue { return s.quantiles.long_short_newey_west_t; }},
    {"rank_autocorrelation", "correlation",
     "Mean Spearman correlation of a day's scores with those of the day before, over the names in both.",
     kOwn, [](const Signal& s) -> MetricValue { return s.mean_autocorrelation; }},
    {"top_quantile_turnover", "fraction a day",
     "Mean share of the highest fifth's names that were not in it the day before.",
     "alphalens quantile_turnover",
     [](const Signal& s) -> MetricValue { return s.mean_top_quantile_turnover; }},
    {"mean_scored", "names", "Mean number of names with a score on a day.", kOwn,
     [](const Signal& s) -> MetricValue { return s.mean_scored; }},
    {"coverage", "fraction",
     "Cells with score and return over cells with a return, from the first to the last scored day.", kOwn,
     [](const Signal& s) -> MetricValue { return s.coverage; }},
};

const MetricDefinition<SectorNeutralCorrelation> kSectorNeutral[] = {
    {"ic_sector_neutral_mean", "correlation",
     "Mean over the days of the Pearson correlation of score and return, each less the mean of its sector's "
     "names on the day.",
     kOwn, [](const SectorNeutralCorrelation& s) -> MetricValue { return s.ic.mean; }},
    {"ic_sector_neutral_t", "standard errors", "It over its Newey-West standard error.", kNeweyWest,
     [](const SectorNeutralCorrelation& s) -> MetricValue { return s.ic.newey_west_t; }},
    {"rank_ic_sector_neutral_mean", "correlation", "The same of the Spearman correlation.", kOwn,
     [](const SectorNeutralCorrelation& s) -> MetricValue { return s.rank_ic.mean; }},
    {"rank_ic_sector_neutral_t", "standard errors", "It over its Newey-West standard error.", kNeweyWest,
     [](const SectorNeutralCorrelation& s) -> MetricValue { return s.rank_ic.newey_west_t; }},
};

const MetricDefinition<Performance> kPerformance[] = {
    {"annual_return", "fraction a year",
     "Net of costs, geometric: (1 + total_return)^(periods_per_year / periods) - 1.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.annual_return; }},
    {"annual_return_gross", "fraction a year", "The same before costs.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.annual_return_gross; }},
    {"annual_return_arithmetic", "fraction a year", "Mean net return × periods_per_year.",
     "qlib risk_analysis, mode sum",
     [](const Performance& p) -> MetricValue { return p.annual_return_arithmetic; }},
    {"annual_volatility", "fraction a year",
     "Standard deviation (n - 1) of net returns × sqrt(periods_per_year).", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.annual_volatility; }},
    {"sharpe", "per root year",
     "Mean of net return minus cash over its standard deviation (n - 1), × sqrt(periods_per_year).",
     "Sharpe (1994); empyrical", [](const Performance& p) -> MetricValue { return p.sharpe; }},
    {"sharpe_standard_error", "per root year",
     "sqrt((1 - skewness s + (kurtosis - 1)/4 s²) / periods) × sqrt(periods_per_year), s the Sharpe ratio a "
     "period.",
     "Mertens (2002); Bailey and López de Prado (2012), eq. 5",
     [](const Performance& p) -> MetricValue { return p.sharpe_standard_error; }},
    {"sharpe_standard_error_normal", "per root year", "The same with skewness 0 and kurtosis 3.",
     "Lo (2002), The Statistics of Sharpe Ratios, eq. 9",
     [](const Performance& p) -> MetricValue { return p.sharpe_standard_error_normal; }},
    {"sortino", "per root year",
     "Mean excess over cash / root mean square of its negative part, × sqrt(periods_per_year).",
     "Sortino and Price (1994); empyrical", [](const Performance& p) -> MetricValue { return p.sortino; }},
    {"calmar", "ratio", "annual_return / |max_drawdown|.", "Young (1991); empyrical",
     [](const Performance& p) -> MetricValue { return p.calmar; }},
    {"max_drawdown", "fraction", "Deepest fall of net equity below its running peak, at most 0.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.max_drawdown; }},
    {"max_drawdown_peak", "date",
     "Last date before that fall; empty when it starts from the initial capital.", kOwn,
     [](const Performance& p) { return date_of(deepest(p) != nullptr ? deepest(p)->peak : std::nullopt); }},
    {"max_drawdown_trough", "date", "Date of the lowest equity of that fall.", kOwn,
     [](const Performance& p) {
       return date_of(deepest(p) != nullptr ? std::optional<Date>(deepest(p)->trough) : std::nullopt);
     }},
    {"max_drawdown_recovery", "date",
     "First date at or above the peak again; empty when not within the data.", kOwn,
     [](const Performance& p) {
       return date_of(deepest(p) != nullptr ? deepest(p)->recovery : std::nullopt);
     }},
    {"total_return", "fraction", "Product of (1 + net return), minus 1.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.total_return; }},
    {"turnover_two_way", "fraction a period", "Mean of (bought + sold value) / equity before the trades.",
     "qlib", [](const Performance& p) -> MetricValue { return p.turnover_two_way; }},
    {"turnover_one_way", "fraction a period", "Half of turnover_two_way.", kOwn,
     [](const Performance& p) -> MetricValue { return p.turnover_one_way; }},
    {"turnover_two_way_annual", "fraction a year", "turnover_two_way × periods_per_year.", kOwn,
     [](const Performance& p) -> MetricValue { return p.turnover_two_way_annual; }},
    {"cost_annual", "fraction a year", "Mean cost a period over equity × periods_per_year.", kOwn,
     [](const Performance& p) -> MetricValue { return p.cost_annual; }},
    {"cost_drag", "fraction a year", "annual_return_gross - annual_return.", kOwn,
     [](const Performance& p) -> MetricValue { return p.cost_drag; }},
    {"benchmark_annual_return", "fraction a year",
     "Geometric annual return of the equal-weight universe of the same rows.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.benchmark_annual_return; }},
    {"benchmark_annual_volatility", "fraction a year", "Its annual volatility.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.benchmark_annual_volatility; }},
    {"benchmark_sharpe", "per root year", "Its Sharpe ratio over cash.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.benchmark_sharpe; }},
    {"benchmark_max_drawdown", "fraction", "Its deepest fall.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.benchmark_max_drawdown; }},
    {"excess_annual_return", "fraction a year", "annual_return - benchmark_annual_return.", kOwn,
     [](const Performance& p) -> MetricValue { return p.excess_annual_return; }},
    {"excess_t", "standard errors",
     "Mean of net return minus the benchmark's over its Newey-West standard error, lag by the rule.",
     kNeweyWest, [](const Performance& p) -> MetricValue { return p.excess_t; }},
    {"tracking_error", "fraction a year", "Annual volatility of net return minus the benchmark's.", kGrinold,
     [](const Performance& p) -> MetricValue { return p.tracking_error; }},
    {"information_ratio", "per root year",
     "Mean of net return minus the benchmark's over its standard deviation, × sqrt(periods_per_year).",
     "Goodwin (1998); empyrical excess_sharpe, annualised",
     [](const Performance& p) -> MetricValue { return p.information_ratio; }},
    {"alpha", "fraction a year",
     "(1 + a)^periods_per_year - 1, a the constant in net - cash = a + beta (benchmark - cash).", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.alpha; }},
    {"alpha_t", "standard errors", "Newey-West t of that constant.", kNeweyWest,
     [](const Performance& p) -> MetricValue { return p.alpha_t; }},
    {"beta", "ratio",
     "Covariance of net return and benchmark, both over cash, over the benchmark's variance.", kEmpyrical,
     [](const Performance& p) -> MetricValue { return p.beta; }},
    {"cash_return_annual", "fraction a year", "Mean cash return × periods_per_year.", kOwn,
     [](const Performance& p) -> MetricValue { return p.cash_return_annual; }},
    {"hit_rate", "fraction", "Share of the periods with a net return above 0.", kOwn,
     [](const Performance& p) -> MetricValue { return p.hit_rate; }},
    {"best_period", "fraction", "Highest net return of a period.", kOwn,
     [](const Performance& p) -> MetricValue { return p.best_period; }},
    {"best_period_date", "date", "Its date.", kOwn,
     [](const Performance& p) { return date_of(p.best_date); }},
    {"worst_period", "fraction", "Lowest net return of a period.", kOwn,
     [](const Performance& p) -> MetricValue { return p.worst_period; }},
    {"worst_period_date", "date", "Its date.", kOwn,
     [](const Performance& p) { return date_of(p.worst_date); }},
    {"skewness", "", "Third standardised moment of net returns, divisor n.", "scipy.stats.skew",
     [](const Performance& p) -> MetricValue { return p.skewness; }},
    {"kurtosis", "", "Fourth standardised moment, divisor n; 3 for a normal distribution.",
     "scipy.stats.kurtosis, fisher=False", [](const Performance& p) -> MetricValue { return p.kurtosis; }},
    {"periods", "sessions", "Sessions of the backtest.", kOwn,
     [](const Performance& p) -> MetricValue { return count_of(p.periods); }},
    {"periods_per_year", "sessions", "From the calendar.", kOwn,
     [](const Performance& p) -> MetricValue { return p.periods_per_year; }},
};

const MetricDefinition<Events> kEvents[] = {
    {"event_base_rate", "fraction", "Events over samples: what a blind guess gets.", kOwn,
     [](const Events& e) -> MetricValue { return e.base_rate; }},
    {"event_samples", "cells", "Cells with a probability and a known outcome.", kOwn,
     [](const Events& e) -> MetricValue { return count_of(e.count); }},
    {"event_count", "cells", "Cells in which the event came.", kOwn,
     [](const Events& e) -> MetricValue { return count_of(e.events); }},
    {"pr_auc", "fraction",
     "Average precision: sum of (recall gained × precision) over the thresholds, equal scores together; the "
     "base rate "
     "is what chance gets.",
     "scikit-learn average_precision_score",
     [](const Events& e) -> MetricValue { return e.average_precision; }},
    {"brier", "", "Mean squared difference of probability and outcome.", "Brier (1950)",
     [](const Events& e) -> MetricValue { return e.brier; }},
    {"brier_base_rate", "", "The same of always saying the base rate.", kOwn,
     [](const Events& e) -> MetricValue { return e.brier_base_rate; }},
    {"log_loss", "nats", "Mean negative log likelihood of the outcomes.", "scikit-learn log_loss",
     [](const Events& e) -> MetricValue { return e.log_loss; }},
    {"log_loss_base_rate", "nats", "The same of always saying the base rate.", kOwn,
     [](const Events& e) -> MetricValue { return e.log_loss_base_rate; }},
};

const MetricDefinition<Events> kUncalibrated[] = {
    {"brier_uncalibrated", "", "`brier` of what the model said before it was calibrated.", "Brier (1950)",
     [](const Events& e) -> MetricValue { return e.brier; }},
    {"log_loss_uncalibrated", "nats", "`log_loss` of what the model said before it was calibrated.",
     "scikit-learn log_loss", [](const Events& e) -> MetricValue { return e.log_loss; }},
};

const MetricDefinition<Trust> kTrust[] = {
    {"trials", "variants", "How many variants were tried, this one included, as the study says.", kOwn,
     [](const Trust& t) -> MetricValue { return static_cast<std::int64_t>(t.trials); }},
    {"detectable_ic", "correlation", "1.96 × ic_standard_error: a smaller mean IC can't be told from luck.",
     kOwn, [](const Trust& t) -> MetricValue { return t.detectable_ic; }},
    {"detectable_rank_ic", "correlation", "1.96 × rank_ic_standard_error.", kOwn,
     [](const Trust& t) -> MetricValue { return t.detectable_rank_ic; }},
    {"detectable_sharpe", "per root year", "1.96 × sharpe_standard_error.", kOwn,
     [](const Trust& t) -> MetricValue { return t.detectable_sharpe; }},
    {"probabilistic_sharpe", "probability",
     "That the true Sharpe ratio is above 0: Phi(s sqrt(periods - 1) / sqrt(1 - skewness s + "
     "(kurtosis - 1)/4 s²)), s the Sharpe ratio a period.",
     "Bailey and López de Prado (2012), eq. 8",
     [](const Trust& t) -> MetricValue { return t.probabilistic_sharpe; }},
    {"deflated_sharpe", "probability",
     "That it is above luck_sharpe: the same with s - luck_sharpe in the numerator, a period; null for one "
     "trial, of which probabilistic_sharpe says all.",
     "Bailey and López de Prado (2014), eq. 2",
     [](const Trust& t) -> MetricValue { return t.deflated_sharpe; }},
    {"luck_sharpe", "per root year",
     "Sharpe ratio that the best of `trials` independent variants without skill is expected to show, their "
     "Sharpe ratios varying by 1 / (periods - 1) a period; 0 for one.",
     "Bailey and López de Prado (2014), eq. 1", [](const Trust& t) -> MetricValue { return t.luck_sharpe; }},
    {"minimum_track_record", "sessions",
     "1 + (1 - skewness s + (kurtosis - 1)/4 s²) (1.645 / s)²: the length at which s would be above 0 with "
     "95 % confidence; null when s is not above 0.",
     "Bailey and López de Prado (2012), eq. 11",
     [](const Trust& t) -> MetricValue { return t.minimum_track_record; }},
    {"break_even_cost_bps", "basis points",
     "Cost a side at which the product of (1 + gross return - two-way turnover × cost) is 1, the holdings "
     "being those of the run; negative when it lost before costs.",
     kOwn, [](const Trust& t) -> MetricValue { return t.break_even_cost_bps; }},
    {"break_even_cost_against_universe_bps", "basis points",
     "The same at which that product is the benchmark's growth, which pays no costs.", kOwn,
     [](const Trust& t) -> MetricValue { return t.break_even_against_universe_bps; }},
    {"overfitting_probability", "probability",
     "Share of the ways to split the sessions in half in which the trial that was best in one half is below "
     "the "
     "median in the other; null unless the returns of ten or more trials are known.",
     "Bailey, Borwein, López de Prado and Zhu (2017), sec. 2",
     [](const Trust& t) -> MetricValue { return t.overfitting_probability; }},
};

const MetricDefinition<Baselines> kBaselines[] = {
    {"random_draws", "draws",
     "How often random scores were traded on the cells, strategy and costs of the run.", kOwn,
     [](const Baselines& b) -> MetricValue { return count_of(b.draws); }},
    {"random_annual_return_5", "fraction a year", "Net annual return that 5 % of the draws stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.annual_return.low; }},
    {"random_annual_return_50", "fraction a year", "That half of them stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.annual_return.middle; }},
    {"random_annual_return_95", "fraction a year", "That 95 % of them stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.annual_return.high; }},
    {"annual_return_random_percentile", "fraction",
     "Share of the draws with a lower annual return than the run.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.annual_return.share_below_run; }},
    {"random_sharpe_5", "per root year", "Sharpe ratio that 5 % of the draws stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.sharpe.low; }},
    {"random_sharpe_50", "per root year", "That half of them stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.sharpe.middle; }},
    {"random_sharpe_95", "per root year", "That 95 % of them stay below.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.sharpe.high; }},
    {"sharpe_random_percentile", "fraction", "Share of the draws with a lower Sharpe ratio than the run.",
     kOwn, [](const Baselines& b) -> MetricValue { return b.sharpe.share_below_run; }},
    {"random_turnover_two_way", "fraction a period", "Mean turnover_two_way of the draws.", kOwn,
     [](const Baselines& b) -> MetricValue { return b.turnover_two_way; }},
};

/// Keys whose number of lines depends on the run: the horizons of the decay and the picks a day.
void append_decay(const SignalEvaluation& evaluation, std::vector<Metric>& metrics) {
  for (const HorizonCorrelation& horizon : evaluation.decay) {
    const std::string key = fmt::format("rank_ic_mean_{}", horizon.sessions);
    metrics.push_back({key, horizon.rank_ic.mean, "correlation",
                       "Mean rank IC with the return over that many sessions from the entry.", kGrinold});
    metrics.push_back({key + "_t", horizon.rank_ic.newey_west_t, "standard errors",
                       "Its Newey-West t, lag at least the sessions minus one.", kNeweyWest});
  }
}

void append_picks(const ClassificationMetrics& events, std::vector<Metric>& metrics) {
  for (const TopPicks& picks : events.top_picks) {
    metrics.push_back({fmt::format("precision_at_{}", picks.k), picks.precision, "fraction",
                       "Share of events among that many highest scores of a day.", kOwn});
    metrics.push_back({fmt::format("lift_at_{}", picks.k), picks.lift, "ratio",
                       "That precision over the base rate.", kOwn});
  }
}

void append_costs(const Trust& trust, std::vector<Metric>& metrics) {
  for (const CostScenario& scenario : trust.costs) {
    metrics.push_back({fmt::format("sharpe_at_{:g}_bps", scenario.cost_bps), scenario.sharpe, "per root year",
                       "Sharpe ratio had each side of a trade cost so much in all, the holdings being those "
                       "of the run.",
                       kOwn});
  }
}

void append_simple(const Baselines& baselines, std::vector<Metric>& metrics) {
  for (const BaselineResult& result : baselines.simple) {
    const auto add = [&](const char* what, double value, const char* unit, const char* meaning) {
      metrics.push_back({fmt::format("{}_{}", result.key, what), value, unit, meaning, kOwn});
    };
    add("rank_ic_mean", result.rank_ic_mean, "correlation", "Mean rank IC of that simple score.");
    add("annual_return", result.annual_return, "fraction a year",
        "Its net annual return, traded as the run.");
    add("sharpe", result.sharpe, "per root year", "Its net Sharpe ratio.");
    add("turnover_two_way", result.turnover_two_way, "fraction a period", "Its turnover_two_way.");
  }
}

std::string write_value(const MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    return std::isfinite(*number) ? nlohmann::json(*number).dump() : "null";
  }
  if (const auto* count = std::get_if<std::int64_t>(&value)) return fmt::format("{}", *count);
  const auto& text = std::get<std::string>(value);
  return text.empty() ? "null" : nlohmann::json(text).dump();
}

}  // namespace

std::vector<Metric> flatten_metrics(const SignalEvaluation* evaluation, const Performance* performance,
                                    const ClassificationMetrics* classification, const Trust* trust,
                                    const ReturnSources* sources) {
  std::vector<Metric> metrics;
  append_metrics(kSignal, evaluation, metrics);
  if (evaluation != nullptr) append_decay(*evaluation, metrics);
  if (evaluation != nullptr && evaluation->sector_neutral)
    append_metrics(kSectorNeutral, &*evaluation->sector_neutral, metrics);
  append_metrics(kPerformance, performance, metrics);
  append_metrics(kTrust, trust, metrics);
  if (trust != nullptr) append_costs(*trust, metrics);
  if (trust != nullptr && trust->baselines) {
    append_metrics(kBaselines, &*trust->baselines, metrics);
    append_simple(*trust->baselines, metrics);
  }
  if (trust != nullptr && trust->survivorship) append_survivorship_metrics(*trust->survivorship, metrics);
  if (trust != nullptr && trust->by_time) append_by_time_metrics(*trust->by_time, metrics);
  if (trust != nullptr && trust->importance) append_importance_metrics(*trust->importance, metrics);
  if (trust != nullptr && trust->seeds) append_seed_metrics(*trust->seeds, metrics);
  if (trust != nullptr && trust->intervals) append_interval_metrics(*trust->intervals, metrics);
  if (trust != nullptr && trust->deviations) append_deviation_metrics(*trust->deviations, metrics);
  if (trust != nullptr && trust->outcomes) append_outcome_metrics(*trust->outcomes, metrics);
  if (trust != nullptr && trust->robustness) append_robustness_metrics(*trust->robustness, metrics);
  if (sources != nullptr) append_source_metrics(*sources, metrics);
  append_metrics(kEvents, classification, metrics);
  if (classification != nullptr) append_picks(*classification, metrics);
  return metrics;
}

void append_uncalibrated_metrics(const ClassificationMetrics& uncalibrated, std::vector<Metric>& metrics) {
  append_metrics(kUncalibrated, &uncalibrated, metrics);
}

std::string metrics_json(const std::vector<Metric>& metrics) {
  std::string text = "{\n";
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "  {}: {}{}\n", nlohmann::json(metrics[i].key).dump(),
                   write_value(metrics[i].value), i + 1 < metrics.size() ? "," : "");
  }
  return text + "}\n";
}

std::string metrics_reference() {
  std::string page =
      "# Metrics\n\n"
      "Every key of `metrics.json`. This page is written by the program from the definitions in\n"
      "`orrery/report/metrics.cc` (`make docs`). Rates are fractions (0.07 is 7 %), dates are `YYYY-MM-DD`, "
      "what\n"
      "cannot be computed is `null`. A period is a session of the calendar.\n";
  append_reference(page, "Signal", kSignal);
  page +=
      "\nFor each horizon h of the decay there are also `rank_ic_mean_h` (mean rank IC with the return over "
      "h\n"
      "sessions from the entry) and `rank_ic_mean_h_t` (its Newey-West t, lag at least h - 1).\n";
  append_reference(page, "Signal within sectors, where these are known", kSectorNeutral);
  append_reference(page, "Performance", kPerformance);
  append_reference(page, "Trust", kTrust);
  page +=
      "\nFor each total cost a side c of 0, 5, 10 and 20 basis points there is also `sharpe_at_c_bps`: the "
      "Sharpe ratio\n"
      "had every trade cost so much, the holdings being those of the run. [docs/trust.md](trust.md) says how "
      "to read these.\n";
  append_reference(page, "Baselines", kBaselines);
  page +=
      "\nPresent unless the study says `baselines: false`. For `reversal_5` and, with a year of history, "
      "`momentum_12_1`\n"
      "and, where the study's model is another, `ridge` there are also `…_rank_ic_mean`, `…_annual_return`, "
      "`…_sharpe` and\n`…_turnover_two_way`.\n";
  append_survivorship_reference(page);
  append_by_time_reference(page);
  append_seed_reference(page);
  append_interval_reference(page);
  append_outcome_reference(page);
  append_robustness_reference(page);
  append_source_reference(page);
  append_reference(page, "Gain labels", kEvents);
  page +=
      "\nFor each k there are also `precision_at_k` (share of events among the k highest scores of a day) "
      "and\n"
      "`lift_at_k` (that precision over the base rate).\n";
  append_reference(page, "Calibrated probabilities", kUncalibrated);
  page += selection_metrics_reference();
  return page;
}

}  // namespace orrery
