#include <fmt/format.h>

#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;

/// What the length and noise of this test allow to be seen at all.
std::string say_detectable(const Trust& trust) {
  std::vector<std::string> limits;
  if (std::isfinite(trust.detectable_rank_ic))
    limits.push_back(fmt::format("a mean rank IC above {}", number(trust.detectable_rank_ic, 4)));
  if (std::isfinite(trust.detectable_sharpe))
    limits.push_back(fmt::format("a Sharpe ratio above {}", number(trust.detectable_sharpe, 2)));
  if (limits.empty()) return {};
  return fmt::format(
      "This test can detect {} (1.96 standard errors); anything smaller is indistinguishable from luck.",
      fmt::join(limits, " or "));
}

/// One trial was not selected, so that there is nothing to deflate; the name says which of the two it is.
std::string sharpe_card(const Trust& trust) {
  if (trust.trials == 1) {
    return html::card({"Probabilistic Sharpe ratio", trust.probabilistic_sharpe,
                       percent(trust.probabilistic_sharpe),
                       "probability that the true Sharpe ratio is above 0; the study says that one variant "
                       "was tried"});
  }
  return html::card(
      {"Deflated Sharpe ratio", trust.deflated_sharpe, percent(trust.deflated_sharpe),
       fmt::format("probability that the true Sharpe ratio is above {}, which the best of {} variants shows "
                   "by luck; above 0: {}",
                   number(trust.luck_sharpe, 2), trust.trials, percent(trust.probabilistic_sharpe))});
}

std::string track_record_card(const Trust& trust, const Performance& performance) {
  const std::string name = "Track record needed";
  if (!std::isfinite(trust.minimum_track_record)) {
    return html::card({name, trust.minimum_track_record, "–",
                       "no length would do: the Sharpe ratio measured is not above 0"});
  }
  const auto sessions = static_cast<std::size_t>(std::ceil(trust.minimum_track_record));
  return html::card(
      {name, trust.minimum_track_record, fmt::format("{} <small>sessions</small>", html::count(sessions)),
       fmt::format(
           "{} years, to be 95% sure of a Sharpe ratio above 0 if it stays as it is; this test has {}",
           number(trust.minimum_track_record / performance.periods_per_year, 1),
           html::count(performance.periods))});
}

std::string break_even_card(const Trust& trust, const Performance& performance) {
  return html::card(
      {"Break-even cost a side", trust.break_even_cost_bps,
       fmt::format("{} <small>bp</small>", number(trust.break_even_cost_bps, 1)),
       fmt::format("where the net return is 0; where it is the universe's: {} bp. Costs took {} a year here",
                   number(trust.break_even_against_universe_bps, 1), percent(performance.cost_drag))});
}

std::string cost_table(const Trust& trust) {
  if (trust.costs.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const CostScenario& scenario : trust.costs) {
    rows.push_back({{fmt::format("{} bp", number(scenario.cost_bps, 0))},
                    {signed_percent(scenario.annual_return)},
                    {number(scenario.sharpe, 2)}});
  }
  return "<figure><h3>What it would be at other costs</h3>" +
         html::table("Result by cost", {{"Cost a side"}, {"Annual return"}, {"Sharpe ratio"}}, rows) +
         "<figcaption>Commission and slippage together, of the value traded. The holdings are those of this "
         "run: what it earned before costs, less what it traded times the cost.</figcaption></figure>\n";
}

}  // namespace

std::string render_trust(const StudyReport& report) {
  if (!report.trust || !report.performance || report.performance->dates.empty()) return {};
  const Trust& trust = *report.trust;
  const Performance& performance = *report.performance;
  return html::section("trust", "How far can this be believed", say_detectable(trust),
                       "<dl class=\"cards trust\">\n" + sharpe_card(trust) +
                           track_record_card(trust, performance) + break_even_card(trust, performance) +
                           "</dl>\n" + cost_table(trust));
}

}  // namespace orrery
