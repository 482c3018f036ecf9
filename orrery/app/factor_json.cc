#include "orrery/app/factor_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/app/version.h"
#include "orrery/base/process.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// Not a number and infinite ones are null.
Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }

Json numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(number(value));
  return list;
}

Json correlation_json(const CorrelationSummary& summary) {
  return {{"mean", number(summary.mean)},
          {"t", number(summary.newey_west_t)},
          {"icir", number(summary.icir)},
          {"standard_deviation", number(summary.standard_deviation)},
          {"positive_share", number(summary.positive_share)},
          {"days", summary.days},
          {"newey_west_lag", summary.newey_west_lag}};
}

Json horizon_json(const FactorHorizon& at) {
  Json json = {{"sessions", at.sessions},
               {"ic", correlation_json(at.ic)},
               {"rank_ic", correlation_json(at.rank_ic)},
               {"quantiles",
                {{"mean", numbers(at.quantiles.mean)},
                 {"excess", numbers(at.quantiles.excess)},
                 {"names", numbers(at.quantiles.names)},
                 {"turnover", numbers(at.quantiles.turnover)},
                 {"monotonicity", number(at.quantiles.monotonicity)}}},
               {"long_short",
                {{"mean", number(at.long_short.gross.mean)},
                 {"t", number(at.long_short.gross.t)},
                 {"net_mean", number(at.long_short.net_mean)},
                 {"break_even_bps", number(at.long_short.break_even_bps)}}},
               {"autocorrelation", number(at.autocorrelation)}};
  for (const auto& neutral : at.neutral) {
    json["neutral"][to_string(neutral.of)] = {{"ic", correlation_json(neutral.ic)},
                                              {"rank_ic", correlation_json(neutral.rank_ic)}};
  }
  return json;
}

Json resemblance_json(const FactorReport& report, std::size_t factor) {
  const auto& resembled = report.ranking.resembles[factor];
  if (!resembled) return {};
  return {{"factor", report.evaluation.factors[resembled->factor].name},
          {"correlation", number(resembled->correlation)}};
}

Json factor_counts_json(const JudgedFactors& judged) {
  const auto& ranking = judged.report.ranking;
  return {{"tested", ranking.tested},
          {"expected_by_chance", ranking.expected_by_chance},
          {"beyond_chance", ranking.beyond_chance},
          {"beyond_hurdle", ranking.beyond_hurdle},
          {"discoveries", ranking.discoveries},
          {"distinct", ranking.distinct.size()},
          {"sentence", chance_sentence(ranking)}};
}

Json factor_ranking_json(const FactorReport& report) {
  Json list = Json::array();
  const auto& ranking = report.ranking;
  for (const std::size_t f : ranking.order) {
    const auto& factor = report.evaluation.factors[f];
    const auto& at = factor.horizons[report.evaluation.primary()];
    list.push_back({{"factor", factor.name},
                    {"expression", report.labels[f].expression},
                    {"rank_ic", number(at.rank_ic.mean)},
                    {"t", number(ranking.t[f])},
                    {"p_value", number(ranking.p_values[f])},
                    {"q_value", number(ranking.q_values[f])},
                    {"icir", number(at.rank_ic.icir)},
                    {"ic", number(at.ic.mean)},
                    {"long_short", number(at.long_short.gross.mean)},
                    {"long_short_t", number(at.long_short.gross.t)},
                    {"break_even_bps", number(at.long_short.break_even_bps)},
                    {"half_life", number(factor.decay.half_life)},
                    {"coverage", number(factor.coverage)},
                    {"resembles", resemblance_json(report, f)}});
  }
  return list;
}

Json factor_json(const FactorReport& report, std::size_t factor) {
  const auto& found = report.evaluation.factors[factor];
  Json json = {{"factor", found.name},
               {"expression", report.labels[factor].expression},
               {"coverage", number(found.coverage)},
               {"mean_names", found.mean_names},
               {"p_value", number(report.ranking.p_values[factor])},
               {"q_value", number(report.ranking.q_values[factor])},
               {"resembles", resemblance_json(report, factor)},
               {"horizons", Json::array()},
               {"decay", numbers(found.decay.rank_ic)},
               {"half_life", number(found.decay.half_life)},
               {"half_life_is_infinite", std::isinf(found.decay.half_life)},
               {"by_time", Json::object()}};
  for (const auto& at : found.horizons) json["horizons"].push_back(horizon_json(at));
  std::size_t at = 0;
  for (const auto& group : report.groups) {
    for (const auto& slice : group.slices) {
      const SliceMean& mean = report.slices[factor][at++];
      json["by_time"][slice.key] = {
          {"days", mean.days}, {"rank_ic", number(mean.mean)}, {"t", number(mean.t)}};
    }
  }
  return json;
}

Json spec_json(const FactorJob& job, const FactorEvaluationSpec& spec) {
  return {{"horizons", spec.horizons},
          {"rank_by", spec.primary},
          {"delay", spec.delay},
          {"quantiles", spec.quantiles},
          {"minimum_names", spec.minimum_names},
          {"decay_sessions", spec.decay_sessions},
          {"cost_bps", spec.cost_bps},
          {"max_correlation", spec.max_correlation},
          {"common_sample", spec.common_sample},
          {"precision", job.precision == Precision::kFloat64 ? "float64" : "float32"}};
}

Json runtime_json(const FactorJob& job, const JudgedFactors& judged) {
  return {{"finished", utc_time()},
          {"threads", resolve_threads(job.threads)},
          {"host", host_name()},
          {"peak_memory_bytes", peak_memory_bytes()},
          {"compute_seconds", judged.compute_seconds},
          {"evaluate_seconds", judged.evaluate_seconds}};
}

}  // namespace

std::string evaluation_json(const FactorJob& job, const JudgedFactors& judged) {
  const auto& evaluation = judged.report.evaluation;
  Json json = {{"title", job.title},
               {"banner", job.banner},
               {"settings", spec_json(job, evaluation.spec)},
               {"data",
                {{"file", judged.report.data},
                 {"fingerprint", judged.data_fingerprint},
                 {"rows_quarantined", judged.prices.rows_quarantined},
                 {"symbols", judged.report.instruments},
                 {"sectors", judged.report.sectors},
                 {"size", judged.report.size_source},
                 {"first_date", to_string(evaluation.dates.front())},
                 {"last_date", to_string(evaluation.dates.back())},
                 {"days", evaluation.dates.size()}}},
               {"counts", factor_counts_json(judged)},
               {"factors", Json::array()},
               {"distinct", Json::array()}};
  for (const std::size_t f : judged.report.ranking.order)
    json["factors"].push_back(factor_json(judged.report, f));
  for (const std::size_t f : judged.report.ranking.distinct)
    json["distinct"].push_back(evaluation.factors[f].name);
  json["versions"] = {{"orrery", kVersion}};
  json["runtime"] = runtime_json(job, judged);
  return json.dump(1) + "\n";
}

std::string factor_summary_json(const JudgedFactors& judged, const std::filesystem::path& folder) {
  const auto& evaluation = judged.report.evaluation;
  const Json json = {{"folder", folder.string()},
                     {"report", (folder / "report.html").string()},
                     {"banner", judged.report.banner},
                     {"rank_by", evaluation.spec.primary},
                     {"counts", factor_counts_json(judged)},
                     {"factors", factor_ranking_json(judged.report)},
                     {"quarantined", judged.prices.rows_quarantined},
                     {"compute_seconds", judged.compute_seconds},
                     {"evaluate_seconds", judged.evaluate_seconds},
                     {"ledger", judged.verdict ? Json::parse(verdict_json(*judged.verdict)) : Json()}};
  return json.dump(1) + "\n";
}

}  // namespace orrery
