#include "orrery/report/factor_chart_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "orrery/base/statistics.h"
#include "orrery/report/chart_json.h"
#include "orrery/report/html.h"

namespace orrery {
namespace {

using nlohmann::json;

/// Points of a growth curve; more can't be told apart on a screen.
constexpr std::size_t kGrowthPoints = 250;

/// Digits of a number: more than a screen shows.
constexpr int kFactorDigits = 5;

json factor_number(double value) { return short_json(value, kFactorDigits); }

json factor_number(std::span<const double> values) { return short_json(values, kFactorDigits); }

/// |t| by place in the ranking, and what so many without skill are expected to show there: the median of
/// that order statistic of half-normal values (Benard's approximation of the plotting position).
json ranking_data(const FactorRanking& ranking) {
  json found = json::array();
  json luck = json::array();
  const auto tested = static_cast<double>(ranking.tested);
  for (std::size_t k = 0; k < ranking.tested; ++k) {
    found.push_back(factor_number(std::fabs(ranking.t[ranking.order[k]])));
    const double tail = (static_cast<double>(k) + 0.7) / (tested + 0.4);
    luck.push_back(factor_number(-normal_quantile(0.5 * tail)));
  }
  return {{"t", found}, {"luck", luck}, {"hurdle", kFactorHurdle}};
}

std::vector<std::size_t> growth_days(std::size_t days) {
  std::vector<std::size_t> shown;
  const std::size_t step = std::max<std::size_t>(1, (days + kGrowthPoints - 1) / kGrowthPoints);
  for (std::size_t t = 0; t < days; t += step) shown.push_back(t);
  return shown;
}

/// Growth of the one-session long-short return, a missing day adding nothing.
json growth_data(const std::vector<double>& daily, const std::vector<std::size_t>& shown) {
  std::vector<double> growth;
  double value = 1.0;
  for (const double change : daily) {
    if (std::isfinite(change)) value *= 1.0 + change;
    growth.push_back(value - 1.0);
  }
  json list = json::array();
  for (const std::size_t t : shown) list.push_back(factor_number(growth[t]));
  return list;
}

json horizon_data(const FactorHorizon& at) {
  std::vector<double> excess;
  for (const double value : at.quantiles.excess) excess.push_back(value / at.sessions);
  json neutral = json::object();
  for (const auto& left : at.neutral) {
    neutral[to_string(left.of)] = {factor_number(left.rank_ic.mean),
                                   factor_number(left.rank_ic.newey_west_t)};
  }
  return {{"ic", factor_number(at.rank_ic.mean)},
          {"error", factor_number(at.rank_ic.newey_west_standard_error)},
          {"t", factor_number(at.rank_ic.newey_west_t)},
          {"excess", factor_number(excess)},
          {"turnover", factor_number(at.quantiles.turnover)},
          {"autocorrelation", factor_number(at.autocorrelation)},
          {"neutral", neutral}};
}

json slice_data(const std::vector<SliceMean>& slices) {
  json list = json::array();
  for (const auto& slice : slices) list.push_back({factor_number(slice.mean), factor_number(slice.t)});
  return list;
}

json factor_data(const FactorReport& report, std::size_t f, const std::vector<std::size_t>& shown) {
  const auto& factor = report.evaluation.factors[f];
  json horizons = json::array();
  for (const auto& at : factor.horizons) horizons.push_back(horizon_data(at));
  return {{"name", factor.name},
          {"expression", report.labels[f].expression},
          {"summary", report.labels[f].summary},
          {"decay", factor_number(factor.decay.rank_ic)},
          {"horizons", horizons},
          {"growth", growth_data(factor.horizons.front().long_short.daily, shown)},
          {"slices", slice_data(report.slices[f])}};
}

json detail_data(const FactorReport& report) {
  const auto shown = growth_days(report.evaluation.dates.size());
  json data = {{"horizons", report.evaluation.spec.horizons},
               {"primary", report.evaluation.primary()},
               {"dates", json::array()},
               {"slices", json::array()},
               {"list", json::array()}};
  for (const std::size_t t : shown) data["dates"].push_back(to_string(report.evaluation.dates[t]));
  for (const auto& group : report.groups) {
    for (const auto& slice : group.slices) data["slices"].push_back(slice.name);
  }
  for (const std::size_t f : report.ranking.order) data["list"].push_back(factor_data(report, f, shown));
  return data;
}

json correlation_data(const FactorReport& report) {
  const auto factors = pictured_factors(report.ranking);
  json names = json::array();
  json rows = json::array();
  for (const std::size_t f : factors) {
    names.push_back(report.evaluation.factors[f].name);
    std::vector<double> row;
    for (const std::size_t g : factors) row.push_back(report.evaluation.correlations(f, g));
    json list = json::array();
    for (const double value : row)
      list.push_back(std::isfinite(value) ? json(std::round(100.0 * value) / 100.0) : json());
    rows.push_back(list);
  }
  return {{"names", names}, {"rows", rows}};
}

}  // namespace

std::vector<std::size_t> pictured_factors(const FactorRanking& ranking) {
  std::vector<std::size_t> shown;
  const std::size_t considered = std::min(kPicturedFactors, ranking.order.size());
  const std::vector<std::size_t> best(ranking.order.begin(),
                                      ranking.order.begin() + static_cast<std::ptrdiff_t>(considered));
  for (const std::size_t kept : best) {
    if (ranking.resembles[kept]) continue;
    shown.push_back(kept);
    for (const std::size_t f : best) {
      if (ranking.resembles[f] && ranking.resembles[f]->factor == kept) shown.push_back(f);
    }
  }
  return shown;
}

std::string factor_chart_data_json(const FactorReport& report) {
  const json data = {{"banner", report.banner},
                     {"factor-t", ranking_data(report.ranking)},
                     {"factors", detail_data(report)},
                     {"factor-correlations", correlation_data(report)}};
  return script_text(data);
}

}  // namespace orrery
