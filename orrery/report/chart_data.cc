#include "orrery/report/chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/base/statistics.h"
#include "orrery/report/chart_json.h"

namespace orrery {
namespace {

using nlohmann::json;

/// Digits of a number: more than a screen shows.
constexpr int kChartDigits = 7;

json chart_number(double value) { return short_json(value, kChartDigits); }

json chart_number(std::span<const double> values) { return short_json(values, kChartDigits); }

json equity_data(const Performance& performance, const std::string& benchmark_name) {
  return {{"dates", dates_json(performance.dates)},
          {"equity", chart_number(performance.equity)},
          {"benchmark", chart_number(performance.benchmark_equity)},
          {"benchmark_name", benchmark_name},
          {"drawdown", chart_number(performance.drawdown)}};
}

json regime_data(const RegimeReport& regimes) {
  json likely = json::array();
  for (const auto& values : regimes.likely) likely.push_back(chart_number(values));
  return {{"dates", dates_json(regimes.dates)},
          {"equity", chart_number(regimes.with.equity)},
          {"names", regimes.names},
          {"ascending", regimes.ascending},
          {"state", regimes.state},
          {"likely", likely}};
}

json information_data(const SignalEvaluation& evaluation) {
  const std::vector<double>& daily = evaluation.rank_ic.daily;
  return {{"dates", dates_json(evaluation.dates)},
          {"daily", chart_number(daily)},
          {"rolling_20", chart_number(rolling_mean(daily, 20))},
          {"rolling_60", chart_number(rolling_mean(daily, 60))},
          {"mean", chart_number(evaluation.rank_ic.mean)}};
}

json interval_data(const IntervalCoverage& coverage) {
  return {{"dates", dates_json(coverage.dates)},
          {"daily", chart_number(coverage.daily)},
          {"mean", chart_number(rolling_mean(coverage.daily, static_cast<std::size_t>(coverage.rolling)))},
          {"rolling", coverage.rolling},
          {"target", coverage.target}};
}

json outcome_data(const OutcomePaths& outcomes) {
  return {{"days", outcomes.days},
          {"low", chart_number(outcomes.low)},
          {"lower", chart_number(outcomes.lower)},
          {"median", chart_number(outcomes.median)},
          {"higher", chart_number(outcomes.higher)},
          {"high", chart_number(outcomes.high)}};
}

json rolling_data(const RollingCorrelation& rolling) {
  return {{"dates", dates_json(rolling.dates)},
          {"mean", chart_number(rolling.mean)},
          {"error", chart_number(rolling.standard_error)},
          {"window", rolling.window}};
}

json month_data(const SignalEvaluation& evaluation) {
  json months = json::array();
  json values = json::array();
  for (const MonthlyCorrelation& month : evaluation.monthly) {
    months.push_back(fmt::format("{}-{:02}", month.year, month.month));
    values.push_back(chart_number(month.rank_ic));
  }
  return {{"months", months}, {"values", values}};
}

json decay_data(const SignalEvaluation& evaluation) {
  json data = {
      {"sessions", json::array()}, {"mean", json::array()}, {"error", json::array()}, {"t", json::array()}};
  for (const HorizonCorrelation& horizon : evaluation.decay) {
    data["sessions"].push_back(horizon.sessions);
    data["mean"].push_back(chart_number(horizon.rank_ic.mean));
    data["error"].push_back(chart_number(horizon.rank_ic.newey_west_standard_error));
    data["t"].push_back(chart_number(horizon.rank_ic.newey_west_t));
  }
  return data;
}

json quantile_data(const SignalEvaluation& evaluation) {
  const QuantileReturns& quantiles = evaluation.quantiles;
  json cumulated = json::array();
  for (std::size_t q = 0; q < quantiles.cumulated.columns(); ++q) {
    std::vector<double> series(quantiles.cumulated.rows());
    for (std::size_t t = 0; t < series.size(); ++t) series[t] = quantiles.cumulated(t, q);
    cumulated.push_back(chart_number(series));
  }
  return {{"dates", dates_json(evaluation.dates)},
          {"mean", chart_number(quantiles.mean)},
          {"count", chart_number(quantiles.mean_count)},
          {"cumulated", cumulated},
          {"long_short", chart_number(quantiles.long_short_cumulated)}};
}

json importance_data(const ImportanceTable& table) {
  json folds = json::array();
  for (const auto& fold : table.folds) folds.push_back(chart_number(fold));
  return {{"features", table.features}, {"mean", chart_number(table.mean)}, {"folds", folds}};
}

json sector_data(std::span<const SectorExposure> sectors) {
  json data = {{"names", json::array()}, {"weights", json::array()}, {"universe", json::array()}};
  for (const SectorExposure& sector : sectors) {
    data["names"].push_back(sector.sector);
    data["weights"].push_back(chart_number(sector.weight));
    data["universe"].push_back(chart_number(sector.universe_weight));
  }
  return data;
}

json exposure_data(const Exposure& exposure) {
  return {{"dates", dates_json(exposure.dates)},
          {"beta", chart_number(exposure.beta)},
          {"universe_beta", chart_number(exposure.universe_beta)},
          {"size", chart_number(exposure.size)}};
}

json capacity_data(const Capacity& capacity) {
  json data = {{"assets", json::array()},
               {"annual_return", json::array()},
               {"excess", json::array()},
               {"sharpe", json::array()}};
  for (const CapacityPoint& point : capacity.points) {
    data["assets"].push_back(chart_number(point.assets));
    data["annual_return"].push_back(chart_number(point.annual_return));
    data["excess"].push_back(chart_number(point.excess_annual_return));
    data["sharpe"].push_back(chart_number(point.sharpe));
  }
  return data;
}

/// By groups of as many cells: of a rare event nearly all cells lie in one of the bins of equal width.
json reliability_data(const ClassificationMetrics& metrics) {
  json data = {{"predicted", json::array()}, {"observed", json::array()}, {"count", json::array()}};
  for (const ReliabilityBin& bin : metrics.groups) {
    data["predicted"].push_back(chart_number(bin.mean_predicted));
    data["observed"].push_back(chart_number(bin.event_rate));
    data["count"].push_back(bin.count);
  }
  return data;
}

void add_signal(const SignalEvaluation& evaluation, json& data) {
  data["information"] = information_data(evaluation);
  data["information-months"] = month_data(evaluation);
  if (!evaluation.decay.empty()) data["decay"] = decay_data(evaluation);
  data["quantiles"] = quantile_data(evaluation);
}

std::map<std::string, double> share_of_fold(const FoldSection& fold) {
  double total = 0.0;
  for (const ImportanceEntry& entry : fold.importance) total += entry.importance;
  std::map<std::string, double> shares;
  for (const ImportanceEntry& entry : fold.importance) {
    shares[entry.feature] = total > 0.0 ? entry.importance / total : 0.0;
  }
  return shares;
}

}  // namespace

ImportanceTable rank_importance(std::span<const FoldSection> folds, std::size_t count) {
  std::vector<std::map<std::string, double>> shares;
  std::map<std::string, double> mean_share;
  for (const FoldSection& fold : folds) {
    if (!fold.importance.empty()) shares.push_back(share_of_fold(fold));
  }
  for (const auto& fold : shares) {
    for (const auto& [feature, share] : fold) {
      mean_share[feature] += share / static_cast<double>(shares.size());
    }
  }
  std::vector<std::pair<std::string, double>> order(mean_share.begin(), mean_share.end());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  if (order.size() > count) order.resize(count);
  ImportanceTable table;
  table.folds.resize(shares.size());
  for (const auto& [feature, share] : order) {
    table.features.push_back(feature);
    table.mean.push_back(share);
    for (std::size_t f = 0; f < shares.size(); ++f) {
      const auto found = shares[f].find(feature);
      table.folds[f].push_back(found == shares[f].end() ? 0.0 : found->second);
    }
  }
  return table;
}

std::vector<double> rolling_mean(std::span<const double> values, std::size_t window) {
  std::vector<double> result;
  std::vector<double> recent;
  for (const double value : values) {
    if (std::isfinite(value)) recent.push_back(value);
    if (recent.size() > window) recent.erase(recent.begin());
    result.push_back(recent.size() == window ? mean(recent) : std::nan(""));
  }
  return result;
}

std::string chart_data_json(const StudyReport& report) {
  json data = json::object();
  data["banner"] = report.banner;
  if (report.performance && !report.performance->dates.empty()) {
    data["equity"] = equity_data(*report.performance, report.benchmark_name);
  }
  if (report.regimes && !report.regimes->dates.empty()) data["regimes"] = regime_data(*report.regimes);
  if (report.evaluation && !report.evaluation->dates.empty()) add_signal(*report.evaluation, data);
  if (report.trust && report.trust->by_time && report.trust->by_time->rolling.windows > 0)
    data["rolling-information"] = rolling_data(report.trust->by_time->rolling);
  if (report.trust && report.trust->intervals && !report.trust->intervals->dates.empty())
    data["interval-coverage"] = interval_data(*report.trust->intervals);
  if (report.trust && report.trust->outcomes && report.trust->outcomes->draws > 0)
    data["outcome-fan"] = outcome_data(*report.trust->outcomes);
  const ImportanceTable importance = rank_importance(report.folds, 20);
  if (!importance.features.empty()) data["importance"] = importance_data(importance);
  if (report.explanation) data.update(json::parse(explanation_chart_json(*report.explanation)));
  if (!report.sectors.empty()) data["sectors"] = sector_data(report.sectors);
  if (report.sources) {
    data["exposure"] = exposure_data(report.sources->exposure);
    data["capacity"] = capacity_data(report.sources->capacity);
  }
  if (report.classification && !report.classification->groups.empty()) {
    data["reliability"] = reliability_data(*report.classification);
  }
  return script_text(data);
}

}  // namespace orrery
