#include <nlohmann/json.hpp>

#include "orrery/app/measure_risk.h"

namespace orrery {
namespace {

using nlohmann::ordered_json;

ordered_json ratio_json(const RatioTest& test) {
  return {{"statistic", test.statistic}, {"degrees", test.degrees}, {"p_value", test.p_value}};
}

ordered_json tails_json(const RiskReport& report) {
  auto tails = ordered_json::array();
  for (const auto& risk : report.tails) {
    tails.push_back({{"method", to_string(risk.method)},
                     {"value_at_risk", risk.value_at_risk},
                     {"expected_shortfall", risk.expected_shortfall},
                     {"confidence", risk.confidence},
                     {"horizon", risk.horizon},
                     {"root_of_time", risk.root_of_time},
                     {"observations", risk.observations},
                     {"tail_observations", risk.tail_observations},
                     {"reliable", risk.reliable}});
  }
  return tails;
}

ordered_json shortfall_json(const std::optional<ShortfallTests>& tests) {
  if (!tests) return nullptr;
  return {{"z1", tests->size_statistic},   {"z1_p_value", tests->size_p_value},
          {"z2", tests->joint_statistic},  {"z2_p_value", tests->joint_p_value},
          {"mean_loss", tests->mean_loss}, {"mean_expected", tests->mean_expected}};
}

ordered_json backtests_json(const RiskReport& report) {
  auto backtests = ordered_json::array();
  for (const auto& backtest : report.backtests) {
    const auto& tests = backtest.exceptions;
    backtests.push_back({{"method", to_string(backtest.method)},
                         {"forecasts", tests.periods},
                         {"unreliable", backtest.unreliable},
                         {"exceptions", tests.exceptions},
                         {"expected", tests.expected},
                         {"chance_of_as_many", tests.as_many},
                         {"kupiec", ratio_json(tests.coverage)},
                         {"independence", ratio_json(tests.independence)},
                         {"conditional_coverage", ratio_json(tests.conditional)},
                         {"significance", tests.significance},
                         {"accepted", {tests.accepted.smallest, tests.accepted.largest}},
                         {"size", tests.size},
                         {"alternative", tests.alternative},
                         {"power", tests.power},
                         {"acerbi_szekely", shortfall_json(backtest.shortfall)}});
  }
  return backtests;
}

ordered_json lines_json(const PositionReport& positions) {
  auto lines = ordered_json::array();
  for (const auto& line : positions.lines) {
    ordered_json json = {{"name", line.name},
                         {"weight", line.weight},
                         {"beta", line.beta},
                         {"marginal", line.risk.marginal},
                         {"component", line.risk.component},
                         {"share", line.risk.share},
                         {"component_shortfall", line.shortfall}};
    if (line.days) json["days_to_exit"] = *line.days;
    if (line.drought_days) json["days_to_exit_in_drought"] = *line.drought_days;
    lines.push_back(std::move(json));
  }
  return lines;
}

ordered_json liquidity_json(const LiquidityReport& liquidity) {
  return {{"equity", liquidity.equity},   {"share", liquidity.share},
          {"drought", liquidity.drought}, {"days", liquidity.periods},
          {"sold", liquidity.sold},       {"sold_in_drought", liquidity.sold_in_drought}};
}

ordered_json positions_json(const PositionReport& positions) {
  const auto& spread = positions.concentration;
  const auto& correlations = positions.correlations;
  const auto& stress = positions.correlation_stress;
  auto shocks = ordered_json::array();
  for (const auto& shock : positions.shocks) shocks.push_back({{"shock", shock.name}, {"loss", shock.loss}});
  ordered_json json = {
      {"benchmark", positions.benchmark},
      {"deviation", positions.deviation},
      {"beta", positions.beta},
      {"concentration",
       {{"positions", spread.positions},
        {"gross", spread.gross},
        {"net", spread.net},
        {"largest", spread.largest},
        {"five_largest", spread.five_largest},
        {"effective_names", spread.effective_names}}},
      {"correlations",
       {{"history", correlations.history},
        {"recent", correlations.recent},
        {"recent_periods", correlations.recent_periods},
        {"down", correlations.down},
        {"up", correlations.up},
        {"tail_periods", correlations.tail_periods}}},
      {"deviation_under_stress",
       {{"now", stress.now}, {"correlations_one", stress.all_one}, {"hedges_fail", stress.hedges_fail}}},
      {"gaps",
       {{"all", positions.gaps.all_loss},
        {"largest", positions.gaps.largest_loss},
        {"largest_name", positions.largest_gap}}},
      {"shocks", shocks},
      {"positions", lines_json(positions)}};
  if (positions.liquidity) json["liquidity"] = liquidity_json(*positions.liquidity);
  return json;
}

ordered_json windows_json(const RiskReport& report) {
  auto windows = ordered_json::array();
  for (const auto& window : report.windows) {
    windows.push_back({{"name", window.name},
                       {"peak", to_string(window.peak)},
                       {"trough", to_string(window.trough)},
                       {"periods", window.periods},
                       {"loss", window.loss},
                       {"deepest", window.deepest},
                       {"worst_period", window.worst_period}});
  }
  return windows;
}

ordered_json falls_json(const Performance& performance) {
  auto falls = ordered_json::array();
  for (const auto& fall : performance.worst_drawdowns) {
    falls.push_back({{"depth", fall.depth},
                     {"peak", fall.peak ? ordered_json(to_string(*fall.peak)) : ordered_json()},
                     {"trough", to_string(fall.trough)},
                     {"recovery", fall.recovery ? ordered_json(to_string(*fall.recovery)) : ordered_json()},
                     {"periods_to_trough", fall.periods_to_trough},
                     {"periods_to_recovery", fall.periods_to_recovery}});
  }
  return falls;
}

}  // namespace

std::string risk_json(const RiskReport& report) {
  ordered_json json = {{"title", report.title},
                       {"source", report.source},
                       {"first", to_string(report.first)},
                       {"last", to_string(report.last)},
                       {"periods", report.periods},
                       {"tails", tails_json(report)},
                       {"window", report.window},
                       {"tests", backtests_json(report)},
                       {"drawdowns", falls_json(report.performance)},
                       {"windows", windows_json(report)}};
  if (report.outcomes.draws > 0) {
    const auto& outcomes = report.outcomes;
    json["bootstrap"] = {{"periods", outcomes.sessions},
                         {"draws", outcomes.draws},
                         {"block_length", outcomes.block_length},
                         {"low", outcomes.low.back()},
                         {"median", outcomes.median.back()},
                         {"high", outcomes.high.back()},
                         {"loss_probability", outcomes.loss_probability},
                         {"fall_median", outcomes.fall_median},
                         {"fall_high", outcomes.fall_high}};
  }
  if (report.positions) json["book"] = positions_json(*report.positions);
  json["notes"] = report.notes;
  return json.dump(1) + "\n";
}

}  // namespace orrery
