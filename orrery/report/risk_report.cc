#include "orrery/report/risk_report.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/report/chart_json.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"

namespace orrery {
namespace {

using RiskRow = std::vector<html::TableCell>;

constexpr int kRiskDigits = 6;
constexpr std::size_t kListedPositions = 60;

html::TableCell risk_cell(double value, int decimals = 2) {
  return {html::percent(value, decimals), std::isfinite(value) ? fmt::format("{}", value) : ""};
}

html::TableCell days_cell(const std::optional<double>& days) {
  if (!days || std::isnan(*days)) return {"–", ""};
  return {std::isinf(*days) ? "never" : html::number(*days, 1), fmt::format("{}", *days)};
}

std::string method_name(TailMethod method) {
  switch (method) {
    case TailMethod::kHistorical:
      return "Historical";
    case TailMethod::kParametric:
      return "Parametric (normal)";
    case TailMethod::kCornishFisher:
      return "Cornish–Fisher";
    case TailMethod::kFiltered:
      return "Filtered (EWMA)";
    case TailMethod::kMonteCarlo:
      return "Monte Carlo (t)";
  }
  return {};
}

std::string horizon_text(const TailRisk& risk) {
  const std::string length = risk.horizon == 1 ? "1 period" : fmt::format("{} periods", risk.horizon);
  return risk.root_of_time ? length + ", one period's loss times √h" : length;
}

std::string render_tails(const RiskReport& report) {
  std::vector<RiskRow> rows;
  for (const TailRisk& risk : report.tails) {
    rows.push_back({{method_name(risk.method) + (risk.reliable ? "" : " <small>not reliable</small>")},
                    risk_cell(risk.value_at_risk),
                    risk_cell(risk.expected_shortfall)});
  }
  const TailRisk& any = report.tails.front();
  return html::section("tails", "What may be lost",
                       fmt::format("VaR and CVaR at {} over {}, from {} returns; positive is a loss. On "
                                   "average {:.1f} of them lie beyond "
                                   "VaR.",
                                   html::percent(any.confidence, 1), horizon_text(any),
                                   html::count(any.observations), any.tail_observations),
                       html::table("VaR and CVaR", {{"Method", true}, {"VaR"}, {"CVaR"}}, rows));
}

std::string p_text(double p_value) { return html::number(p_value, 3); }

RiskRow backtest_row(const TailBacktest& backtest) {
  const auto& tests = backtest.exceptions;
  const auto& shortfall = backtest.shortfall;
  return {{method_name(backtest.method)},
          {html::count(tests.exceptions)},
          {html::number(tests.expected, 1)},
          {fmt::format("{} to {}", tests.accepted.smallest, tests.accepted.largest)},
          {p_text(tests.coverage.p_value)},
          {p_text(tests.independence.p_value)},
          {p_text(tests.conditional.p_value)},
          {shortfall ? html::number(shortfall->size_statistic, 2) : "–"},
          {shortfall ? p_text(shortfall->size_p_value) : "–"},
          {shortfall ? html::number(shortfall->joint_statistic, 2) : "–"},
          {shortfall ? p_text(shortfall->joint_p_value) : "–"}};
}

const TailBacktest& drawn_backtest(const RiskReport& report) { return report.backtests.front(); }

std::string render_backtests(const RiskReport& report) {
  if (report.backtests.empty()) return {};
  std::vector<RiskRow> rows;
  for (const auto& backtest : report.backtests) rows.push_back(backtest_row(backtest));
  const auto& tests = report.backtests.front().exceptions;
  html::Figure figure;
  figure.name = "tail-forecasts";
  figure.title =
      fmt::format("{}: what was forecast and what came", method_name(drawn_backtest(report).method));
  figure.label = backtest_sentence(drawn_backtest(report));
  figure.caption = fmt::format(
      "Each forecast is made from the {} periods before it. Dots: losses beyond VaR.", report.window);
  const std::string lead = fmt::format(
      "{} forecasts. Kupiec's test asks whether there are as many exceptions as said; at {} it rejects right "
      "forecasts {} "
      "of the time, and forecasts whose chance of an exception is {} instead of {} it finds {} of the time "
      "(its power).",
      html::count(tests.periods), html::percent(tests.significance, 0), html::percent(tests.size, 0),
      html::percent(tests.alternative, 1),
      html::percent(tests.expected / static_cast<double>(tests.periods), 1), html::percent(tests.power, 0));
  const auto table = html::table("Tests of the forecasts",
                                 {{"Method", true},
                                  {"Exceptions"},
                                  {"Expected"},
                                  {"Not rejected"},
                                  {"Kupiec p"},
                                  {"Independence p"},
                                  {"Both p"},
                                  {"Z1"},
                                  {"its p"},
                                  {"Z2"},
                                  {"its p"}},
                                 rows);
  return html::section(
      "tests", "Were such forecasts right?", lead,
      table +
          "<p>Independence: Christoffersen's test of exceptions that follow one another. Z1 and Z2: Acerbi "
          "and Székely's tests of losses beyond VaR against CVaR, below 0 where risk was understated.</p>\n" +
          html::figure(figure));
}

std::string render_falls(const RiskReport& report) {
  const Performance& p = report.performance;
  html::Figure figure;
  figure.name = "equity";
  figure.title = "Growth of 1, and falls";
  figure.label = fmt::format("Growth of the portfolio from {}; its deepest fall is {}.",
                             html::date_range(report.first, report.last), html::percent(p.max_drawdown));
  figure.caption = "Below: how far under the highest value so far.";
  std::vector<RiskRow> rows;
  for (const Drawdown& fall : p.worst_drawdowns) {
    rows.push_back({{html::percent(fall.depth)},
                    {fall.peak ? to_string(*fall.peak) : "start"},
                    {to_string(fall.trough)},
                    {fall.recovery ? to_string(*fall.recovery) : "not recovered"},
                    {html::count(fall.periods_to_trough)},
                    {html::count(fall.periods_to_recovery)}});
  }
  const auto table =
      html::table("Deepest falls",
                  {{"Depth"}, {"Peak"}, {"Trough"}, {"Recovered"}, {"Periods down"}, {"In\u00a0all"}}, rows);
  return html::section("falls", "Falls", "From each peak of the value to its lowest point and back.",
                       html::figure(figure) + table);
}

std::string render_positions(const PositionReport& positions) {
  std::vector<RiskRow> rows;
  for (const auto& line : positions.lines) {
    if (rows.size() == kListedPositions) break;
    rows.push_back({{html::escape(line.name), html::escape(line.name)},
                    risk_cell(line.weight),
                    {html::number(line.beta, 2), fmt::format("{}", line.beta)},
                    risk_cell(line.risk.marginal),
                    risk_cell(line.risk.component, 3),
                    risk_cell(line.risk.share, 1),
                    risk_cell(line.shortfall, 3)});
    if (positions.liquidity)
      rows.back().insert(rows.back().end(), {days_cell(line.days), days_cell(line.drought_days)});
  }
  const auto& spread = positions.concentration;
  const std::string lead = fmt::format(
      "{} positions as concentrated as {} equal ones; the largest is {} of the gross exposure of {}, the "
      "five largest {}. "
      "The deviation of one period is {}, the beta with {} {}.",
      spread.positions, html::number(spread.effective_names, 1), html::percent(spread.largest),
      html::percent(spread.gross, 0), html::percent(spread.five_largest),
      html::percent(positions.deviation, 2), html::escape(positions.benchmark),
      html::number(positions.beta, 2));
  const auto& c = positions.correlations;
  const std::string correlations = fmt::format(
      "<p>Mean correlation of all pairs: {} before, {} in the last {} periods; {} in the portfolio's {} "
      "worst periods, {} in "
      "as many of its best.</p>\n",
      html::number(c.history, 2), html::number(c.recent, 2), c.recent_periods, html::number(c.down, 2),
      c.tail_periods, html::number(c.up, 2));
  std::vector<html::TableColumn> columns = {{"Name", true}, {"Weight"}, {"Beta"},   {"Marginal"},
                                            {"Component"},  {"Share"},  {"Of CVaR"}};
  if (positions.liquidity) columns.insert(columns.end(), {{"Days to exit"}, {"In a drought"}});
  return html::section("positions", "What each position adds", lead,
                       html::table("Positions", columns, rows, true) + correlations);
}

std::string render_liquidity(const LiquidityReport& liquidity) {
  std::vector<RiskRow> rows;
  for (std::size_t i = 0; i < liquidity.periods.size(); ++i) {
    rows.push_back({{html::number(liquidity.periods[i], 0)},
                    risk_cell(liquidity.sold[i], 1),
                    risk_cell(liquidity.sold_in_drought[i], 1)});
  }
  return html::section(
      "liquidity", "How fast it could be sold",
      fmt::format("Of {} of equity, trading {} of each name's volume; in a drought {} of the volume is left.",
                  html::number(liquidity.equity, 0), html::percent(liquidity.share, 0),
                  html::percent(liquidity.drought, 0)),
      html::table("Sold after so many days", {{"Days"}, {"Sold"}, {"In a drought"}}, rows));
}

std::string render_windows(const RiskReport& report) {
  if (report.windows.empty()) return "<p>The returns reach none of the known falls whole.</p>\n";
  std::vector<RiskRow> rows;
  for (const auto& window : report.windows) {
    rows.push_back({{html::escape(window.name)},
                    {to_string(window.peak)},
                    {to_string(window.trough)},
                    risk_cell(window.loss, 1),
                    risk_cell(window.deepest, 1),
                    risk_cell(window.worst_period, 1)});
  }
  return html::table("Known falls",
                     {{"Fall", true}, {"From"}, {"To"}, {"Loss"}, {"Deepest"}, {"Worst period"}}, rows);
}

std::string render_stress(const RiskReport& report) {
  std::string content = render_windows(report);
  if (report.positions) {
    const auto& positions = *report.positions;
    const auto& correlations = positions.correlation_stress;
    std::vector<RiskRow> rows;
    for (const auto& shock : positions.shocks)
      rows.push_back({{html::escape(shock.name)}, risk_cell(shock.loss)});
    rows.push_back({{"Every position's own worst period, on one day"}, risk_cell(positions.gaps.all_loss)});
    rows.push_back({{fmt::format("{}'s worst period alone", html::escape(positions.largest_gap))},
                    risk_cell(positions.gaps.largest_loss)});
    content += html::table("Shocks", {{"Shock", true}, {"Loss"}}, rows);
    const RiskRow deviation = {{"Deviation of one period"},
                               risk_cell(correlations.now),
                               risk_cell(correlations.all_one),
                               risk_cell(correlations.hedges_fail)};
    content += html::table("Correlations to one",
                           {{"", true}, {"Now"}, {"All correlations 1"}, {"and hedges fail"}}, {deviation});
  }
  return html::section("stress", "Stress",
                       "Today's weights in falls of the past and in moves that are made up.", content);
}

std::string render_bootstrap(const OutcomePaths& outcomes) {
  if (outcomes.draws == 0) return {};
  html::Figure figure;
  figure.name = "outcome-fan";
  figure.title = fmt::format("{} periods like those of the past", outcomes.sessions);
  figure.label =
      fmt::format("Fan chart of what {} periods could bring: {} to {} in nine of ten paths.",
                  outcomes.sessions, html::percent(outcomes.low.back()), html::percent(outcomes.high.back()));
  figure.caption = fmt::format(
      "{} paths put together from blocks of the returns, {:.1f} periods long on average (stationary "
      "bootstrap). "
      "Line: the median; dark: half of the paths; pale: nine of ten. No period is worse than the worst there "
      "was.",
      html::count(static_cast<std::size_t>(outcomes.draws)), outcomes.block_length);
  return html::section(
      "outcomes", "What a year could bring",
      fmt::format(
          "{} of the paths end with a loss. Half fall by {} or more on the way, one in twenty by {} or more.",
          html::percent(outcomes.loss_probability, 0), html::percent(outcomes.fall_median),
          html::percent(outcomes.fall_high)),
      html::figure(figure));
}

nlohmann::json forecasts_json(const RiskReport& report) {
  std::vector<Date> dates;
  std::vector<double> returns, value_at_risk, shortfall;
  for (const auto& forecast : drawn_backtest(report).forecasts) {
    dates.push_back(report.dates[forecast.first]);
    returns.push_back(forecast.realised);
    value_at_risk.push_back(-forecast.value_at_risk);
    shortfall.push_back(-forecast.expected_shortfall);
  }
  return {{"dates", dates_json(dates)},
          {"returns", short_json(returns, kRiskDigits)},
          {"value_at_risk", short_json(value_at_risk, kRiskDigits)},
          {"expected_shortfall", short_json(shortfall, kRiskDigits)}};
}

std::string risk_chart_data(const RiskReport& report) {
  const Performance& p = report.performance;
  nlohmann::json data = {{"banner", report.banner},
                         {"equity",
                          {{"dates", dates_json(p.dates)},
                           {"equity", short_json(p.equity, kRiskDigits)},
                           {"benchmark", nlohmann::json::array()},
                           {"benchmark_name", ""},
                           {"drawdown", short_json(p.drawdown, kRiskDigits)}}}};
  if (!report.backtests.empty()) data["tail-forecasts"] = forecasts_json(report);
  if (report.outcomes.draws > 0) {
    const auto& o = report.outcomes;
    data["outcome-fan"] = {{"days", o.days},
                           {"low", short_json(o.low, kRiskDigits)},
                           {"lower", short_json(o.lower, kRiskDigits)},
                           {"median", short_json(o.median, kRiskDigits)},
                           {"higher", short_json(o.higher, kRiskDigits)},
                           {"high", short_json(o.high, kRiskDigits)}};
  }
  return script_text(data);
}

std::string render_risk_head(const RiskReport& report) {
  std::string text;
  if (!report.banner.empty())
    text = fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(report.banner));
  text += fmt::format("<h1>{}</h1>\n<p class=\"subtitle\">What it may lose: {} returns, {}, from {}</p>\n",
                      html::escape(report.title), html::count(report.periods),
                      html::date_range(report.first, report.last), html::escape(report.source));
  for (const auto& note : report.notes) text += fmt::format("<p>{}</p>\n", html::escape(note));
  return text;
}

}  // namespace

std::string backtest_sentence(const TailBacktest& backtest) {
  const auto& tests = backtest.exceptions;
  const bool rejected = tests.coverage.p_value < tests.significance;
  const bool many = static_cast<double>(tests.exceptions) > tests.expected;
  const char* verdict = !rejected ? "not rejected" : many ? "rejected as too many" : "rejected as too few";
  return fmt::format(
      "{}: {} exceptions in {} forecasts, {:.1f} expected: {} (p = {:.3f}; {} to {} are not rejected)",
      to_string(backtest.method), tests.exceptions, tests.periods, tests.expected, verdict,
      tests.coverage.p_value, tests.accepted.smallest, tests.accepted.largest);
}

std::string render_risk_report(const RiskReport& report) {
  html::Page page;
  page.title = report.title + ", risk";
  page.simulated = !report.banner.empty();
  page.links = {{"tails", "Losses"}};
  if (!report.backtests.empty()) page.links.push_back({"tests", "Tests"});
  if (report.positions) page.links.push_back({"positions", "Positions"});
  if (report.positions && report.positions->liquidity) page.links.push_back({"liquidity", "Liquidity"});
  page.links.push_back({"stress", "Stress"});
  page.links.push_back({"falls", "Falls"});
  if (report.outcomes.draws > 0) page.links.push_back({"outcomes", "Outcomes"});
  page.content = render_risk_head(report) + render_tails(report) + render_backtests(report);
  if (report.positions) {
    page.content += render_positions(*report.positions);
    if (report.positions->liquidity) page.content += render_liquidity(*report.positions->liquidity);
  }
  page.content += render_stress(report) + render_falls(report) + render_bootstrap(report.outcomes);
  page.content += "<footer>Made by Orrery. Past results do not foretell future ones.</footer>\n";
  page.chart_data = risk_chart_data(report);
  return html::render_page(page);
}

}  // namespace orrery
