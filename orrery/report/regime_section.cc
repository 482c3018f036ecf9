#include <fmt/format.h>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

std::size_t count_changes(const RegimeReport& regimes) {
  std::size_t changes = 0;
  for (std::size_t i = 1; i < regimes.state.size(); ++i) changes += regimes.state[i] != regimes.state[i - 1];
  return changes;
}

std::string say_regimes(const RegimeReport& regimes) {
  const std::string how =
      regimes.fits > 0
          ? fmt::format(
                "A hidden Markov model, fitted {} times and each time on the past alone, says how likely "
                "each regime is given what was known at each close (filtered, never smoothed).",
                regimes.fits)
          : std::string("Rules on what was known at each close tell the regime.");
  return fmt::format(
      "{} {} changes in {} sessions. A session counts to the regime that its portfolio was decided in.", how,
      count_changes(regimes), regimes.state.size());
}

std::string regime_results_table(const RegimeReport& regimes) {
  std::vector<std::vector<html::TableCell>> rows;
  for (const RegimeResult& result : regimes.results) {
    rows.push_back({{html::escape(result.name)},
                    {html::escape(result.treatment)},
                    {html::count(result.sessions)},
                    {html::signed_percent(result.annual_return)},
                    {html::percent(result.annual_volatility)},
                    {html::number(result.sharpe, 2)},
                    {html::signed_percent(result.worst)},
                    {html::percent(result.exposure)},
                    {html::signed_percent(result.universe)},
                    {html::percent(result.universe_volatility)}});
  }
  return html::table(
      "Results by regime, net of costs; returns a year are means of sessions × sessions a year",
      {{"Regime", true},
       {"What is done", true},
       {"Sessions"},
       {"Return a year"},
       {"Volatility"},
       {"Sharpe"},
       {"Worst session"},
       {"Exposure"},
       {"Universe, a year"},
       {"Its volatility"}},
      rows);
}

std::string with_and_without(const RegimeReport& regimes) {
  std::vector<std::vector<html::TableCell>> rows;
  for (const auto& [name, performance] :
       {std::pair{"with the regimes", &regimes.with}, std::pair{"without them", &regimes.without}}) {
    rows.push_back({{name},
                    {html::signed_percent(performance->annual_return)},
                    {html::percent(performance->annual_volatility)},
                    {html::number(performance->sharpe, 2)},
                    {html::percent(performance->max_drawdown)}});
  }
  return html::table("The same scores, strategy and costs, net",
                     {{"", true}, {"Return a year"}, {"Volatility"}, {"Sharpe"}, {"Largest drawdown"}}, rows);
}

std::string regime_chart(const RegimeReport& regimes) {
  if (regimes.dates.empty()) return {};
  html::Figure figure;
  figure.name = "regimes";
  figure.title = "Growth of 1 and the regime that each session's portfolio was decided in";
  figure.label = fmt::format("Line chart of the portfolio's equity over bands in the colours of {} regimes.",
                             regimes.names.size());
  figure.caption =
      regimes.likely.empty()
          ? "The colour of the ground is the regime; without colour none was known yet."
          : "The colour of the ground is the regime; without colour none was known yet. Below: how "
            "likely each regime was, given what was known when the portfolio was decided.";
  figure.tall = true;
  return html::figure(figure);
}

}  // namespace

std::string render_regimes(const RegimeReport& regimes) {
  return html::section("regimes", "Regimes of the market", say_regimes(regimes),
                       regime_chart(regimes) + regime_results_table(regimes) + with_and_without(regimes));
}

}  // namespace orrery
