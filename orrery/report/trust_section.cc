#include <fmt/format.h>

#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/overfitting_line.h"
#include "orrery/report/sections.h"
#include "orrery/report/seed_section.h"

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

std::string baselines_card(const Baselines& baselines) {
  return html::card({"Place among random scores", baselines.sharpe.share_below_run,
                     fmt::format("{} <small>of {} draws</small>",
                                 percent(baselines.sharpe.share_below_run, 0), baselines.draws),
                     fmt::format("had a lower Sharpe ratio; nine in ten of them lie between {} and {}",
                                 number(baselines.sharpe.low, 2), number(baselines.sharpe.high, 2))});
}

using Row = std::vector<TableCell>;

Row random_row(const char* name, double annual_return, double sharpe, std::string turnover) {
  return {{name}, {"–"}, {signed_percent(annual_return)}, {number(sharpe, 2)}, {std::move(turnover)}};
}

std::vector<Row> baseline_rows(const StudyReport& report, const Baselines& baselines) {
  const Performance& own = *report.performance;
  const double own_rank_ic = report.evaluation ? report.evaluation->rank_ic.mean : Trust::kMissing;
  const auto& earned = baselines.annual_return;
  const auto& sharpe = baselines.sharpe;
  std::vector<Row> rows = {
      {{"<b>This run</b>"},
       {number(own_rank_ic, 4)},
       {signed_percent(own.annual_return)},
       {number(own.sharpe, 2)},
       {percent(own.turnover_two_way)}},
      random_row("Random scores, 95%", earned.high, sharpe.high, "–"),
      random_row("Random scores, 50%", earned.middle, sharpe.middle, percent(baselines.turnover_two_way)),
      random_row("Random scores, 5%", earned.low, sharpe.low, "–")};
  for (const BaselineResult& simple : baselines.simple) {
    rows.push_back({{html::escape(simple.name)},
                    {number(simple.rank_ic_mean, 4)},
                    {signed_percent(simple.annual_return)},
                    {number(simple.sharpe, 2)},
                    {percent(simple.turnover_two_way)}});
  }
  if (!own.benchmark_equity.empty()) {
    rows.push_back({{"Equal-weight universe, no costs"},
                    {"–"},
                    {signed_percent(own.benchmark_annual_return)},
                    {number(own.benchmark_sharpe, 2)},
                    {"–"}});
  }
  return rows;
}

std::string baseline_table(const StudyReport& report) {
  if (!report.trust->baselines) return {};
  const Baselines& baselines = *report.trust->baselines;
  return "<figure><h3>Against scores that anybody could have</h3>" +
         html::table("Baselines",
                     {{"Scores"}, {"Rank IC"}, {"Annual return"}, {"Sharpe ratio"}, {"Turnover a session"}},
                     baseline_rows(report, baselines)) +
         fmt::format(
             "<figcaption>All traded on the same names, sessions, strategy and costs. Random scores were "
             "drawn "
             "anew for every name and session, {} times; 95% of them stay below the first line: {} of the "
             "draws earned less than this run, {} had a "
             "lower Sharpe ratio.</figcaption></figure>\n",
             baselines.draws, percent(baselines.annual_return.share_below_run, 0),
             percent(baselines.sharpe.share_below_run, 0));
}

}  // namespace

std::string render_trust(const StudyReport& report) {
  if (!report.trust || !report.performance || report.performance->dates.empty()) return {};
  const Trust& trust = *report.trust;
  const Performance& performance = *report.performance;
  return html::section("trust", "How far can this be believed", say_detectable(trust),
                       "<dl class=\"cards trust\">\n" + sharpe_card(trust) +
                           track_record_card(trust, performance) + break_even_card(trust, performance) +
                           (trust.baselines ? baselines_card(*trust.baselines) : std::string()) + "</dl>\n" +
                           render_overfitting(trust) + "<div class=\"pair\">\n<div>\n" + cost_table(trust) +
                           (trust.seeds ? render_seeds(*trust.seeds) : std::string()) + "</div>\n" +
                           baseline_table(report) + "</div>\n" + render_survivorship(report));
}

}  // namespace orrery
