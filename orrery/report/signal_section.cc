#include <fmt/format.h>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;

std::string basis_points(double value, int decimals = 1) { return number(1e4 * value, decimals) + " bp"; }

std::string information_figure(const SignalEvaluation& e) {
  html::Figure figure;
  figure.name = "information";
  figure.title = "Rank IC over time";
  figure.label = fmt::format(
      "Rolling means of the daily rank correlation of scores and returns from {}; the mean is {}.",
      html::date_range(e.dates.front(), e.dates.back()), number(e.rank_ic.mean, 4));
  figure.caption =
      "The rank correlation between a day's scores and what the names then earned: below, each single day, "
      "which is mostly "
      "noise; above, on a scale of its own, the mean of the last 20 and 60 days. Look at whether the 60-day "
      "mean stays on "
      "one side of zero.";
  figure.tall = true;
  return html::figure(figure);
}

std::string month_figure(const SignalEvaluation& e) {
  std::vector<std::vector<TableCell>> rows;
  for (const MonthlyCorrelation& month : e.monthly) {
    rows.push_back({{fmt::format("{}-{:02}", month.year, month.month)},
                    {number(month.ic, 4)},
                    {number(month.rank_ic, 4)},
                    {html::count(month.days)}});
  }
  html::Figure figure;
  figure.name = "information-months";
  figure.title = "Rank IC by month";
  figure.label = "Bar chart of the mean rank correlation in each calendar month.";
  figure.caption =
      "The mean of the days of each month. A signal that earns its keep in a few months only is fragile.";
  figure.numbers = html::table("IC by month", {{"Month"}, {"IC"}, {"Rank IC"}, {"Days"}}, rows);
  return html::figure(figure);
}

std::string decay_figure(const SignalEvaluation& e) {
  if (e.decay.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const HorizonCorrelation& horizon : e.decay) {
    rows.push_back({{fmt::format("{}", horizon.sessions)},
                    {number(horizon.ic.mean, 4)},
                    {number(horizon.rank_ic.mean, 4)},
                    {number(horizon.rank_ic.newey_west_standard_error, 4)},
                    {number(horizon.rank_ic.newey_west_t, 2)}});
  }
  html::Figure figure;
  figure.name = "decay";
  figure.title = "How long the signal lasts";
  figure.label = "Bar chart of the mean rank correlation with returns over longer horizons, with error bars.";
  figure.caption =
      "Mean rank IC of the same scores with the return over more and more sessions from the entry. Whiskers "
      "are 1.96 "
      "standard errors (Newey–West, since long returns overlap): a bar whose whisker crosses zero may be "
      "luck.";
  figure.numbers =
      html::table("IC by horizon", {{"Sessions"}, {"IC"}, {"Rank IC"}, {"Standard error"}, {"t"}}, rows);
  return html::figure(figure);
}

std::string quantile_figures(const SignalEvaluation& e) {
  const QuantileReturns& q = e.quantiles;
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < q.mean.size(); ++i) {
    rows.push_back(
        {{i == 0                   ? "1 (lowest)"
          : i + 1 == q.mean.size() ? fmt::format("{} (highest)", i + 1)
                                   : fmt::format("{}", i + 1)},
         {basis_points(q.mean[i], 2)},
         {number(q.mean_count[i], 1)},
         {q.cumulated.rows() == 0 ? "–" : signed_percent(q.cumulated(q.cumulated.rows() - 1, i))}});
  }
  html::Figure means;
  means.name = "quantile-means";
  means.title = "Return by score";
  means.label =
      fmt::format("Bar chart of the mean return of each group; highest minus lowest is {} a day, t {}.",
                  basis_points(q.long_short_mean, 2), number(q.long_short_newey_west_t, 2));
  means.caption = fmt::format(
      "Every day the names are put into {} equal groups by score. Bars should climb from left to right. "
      "Highest minus "
      "lowest: <b>{}</b> a day (t = {}), before costs.",
      q.quantiles, basis_points(q.long_short_mean, 2), number(q.long_short_newey_west_t, 2));
  means.numbers =
      html::table("Return by score", {{"Group"}, {"Mean a day"}, {"Names a day"}, {"Cumulated"}}, rows);
  html::Figure growth;
  growth.name = "quantile-growth";
  growth.title = "Groups of the score, cumulated";
  growth.label = "Line chart of the cumulated return of each group.";
  growth.caption =
      "The same groups, rebalanced daily and compounded, before costs. What matters is the fan: the lines "
      "should part in "
      "the order of the score, whatever the market does.";
  return html::figure(means) + html::figure(growth);
}

/// What is left of the IC within sectors, where these are known.
std::string sector_facts(const SignalEvaluation& e) {
  if (!e.sector_neutral) return {};
  const SectorNeutralCorrelation& within = *e.sector_neutral;
  return fmt::format(
      "<dt>Within sectors</dt><dd>IC {} (t = {}), rank IC {} (t = {}), score and return less the mean of "
      "their "
      "sector on the day ({} sectors)</dd>\n",
      number(within.ic.mean, 4), number(within.ic.newey_west_t, 2), number(within.rank_ic.mean, 4),
      number(within.rank_ic.newey_west_t, 2), within.sectors);
}

std::string signal_facts(const SignalEvaluation& e) {
  return fmt::format(
      "<dl class=\"facts\">\n<dt>IC (Pearson)</dt><dd>{} mean, {} deviation, t = {}</dd>\n"
      "<dt>Rank IC (Spearman)</dt><dd>{} mean, {} deviation, t = {}</dd>\n"
      "{}<dt>Steadiness of the scores</dt><dd>{} rank correlation with the day before; {} of the highest "
      "group "
      "is new "
      "each day</dd>\n<dt>Coverage</dt><dd>{} names scored a day; {} of the returns have a "
      "score</dd>\n</dl>\n",
      number(e.ic.mean, 4), number(e.ic.standard_deviation, 4), number(e.ic.newey_west_t, 2),
      number(e.rank_ic.mean, 4), number(e.rank_ic.standard_deviation, 4), number(e.rank_ic.newey_west_t, 2),
      sector_facts(e), number(e.mean_autocorrelation, 3), percent(e.mean_top_quantile_turnover, 1),
      number(e.mean_scored, 1), percent(e.coverage, 1));
}

std::string pick_return_of(const StudyReport& report, int k) {
  for (const PickReturn& entry : report.pick_returns) {
    if (entry.k == k) return signed_percent(entry.net_return, 2);
  }
  return "–";
}

std::string uncalibrated_note(const StudyReport& report) {
  if (!report.uncalibrated) return {};
  const ClassificationMetrics& m = *report.uncalibrated;
  return fmt::format(" Before the calibration they were {} and {}.", number(m.brier, 5),
                     number(m.log_loss, 5));
}

std::string picks_table(const StudyReport& report) {
  std::vector<std::vector<TableCell>> rows;
  for (const TopPicks& picks : report.classification->top_picks) {
    rows.push_back({{fmt::format("{} highest a day", picks.k)},
                    {percent(picks.precision, 2)},
                    {number(picks.lift, 2)},
                    {pick_return_of(report, picks.k)}});
  }
  const ClassificationMetrics& m = *report.classification;
  return "<figure><h3>The highest probabilities</h3>" +
         html::table("The highest probabilities",
                     {{"Picked"}, {"Event came"}, {"Times the base rate"}, {"Net return a pick"}}, rows) +
         fmt::format(
             "<figcaption>The event came in {} of {} cells, {} of them: a blind pick is right that often. "
             "Brier "
             "score {} (always saying the base rate: {}); log loss {} ({}). Lower is better for "
             "both.{}</figcaption>"
             "</figure>\n",
             html::count(m.events), html::count(m.count), percent(m.base_rate, 2), number(m.brier, 5),
             number(m.brier_base_rate, 5), number(m.log_loss, 5), number(m.log_loss_base_rate, 5),
             uncalibrated_note(report));
}

/// What was said and what came, by groups of as many cells.
std::string group_table(const StudyReport& report) {
  const auto& groups = report.classification->groups;
  const bool calibrated = report.uncalibrated && report.uncalibrated->groups.size() == groups.size();
  std::vector<html::TableColumn> columns{{"Probabilities"}, {"Cells"}, {"Mean said"}, {"Came"}};
  if (calibrated) columns.insert(columns.end(), {{"Before: mean said"}, {"Before: came"}});
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const ReliabilityBin& group = groups[i];
    rows.push_back({{fmt::format("{} to {}", percent(group.lower, 2), percent(group.upper, 2))},
                    {html::count(group.count)},
                    {percent(group.mean_predicted, 2)},
                    {percent(group.event_rate, 2)}});
    if (!calibrated) continue;
    rows.back().push_back({percent(report.uncalibrated->groups[i].mean_predicted, 2)});
    rows.back().push_back({percent(report.uncalibrated->groups[i].event_rate, 2)});
  }
  const std::string before =
      calibrated ? " The last two columns: groups by what the model said before it was calibrated." : "";
  return "<figure><h3>Said and came, by tenths</h3>" +
         html::table("Said and came, by tenths", columns, rows) +
         fmt::format(
             "<figcaption>Cells in groups of as many, the lowest probabilities first: probabilities that "
             "can be taken at their word have as much said as came in every group.{}</figcaption></figure>\n",
             before);
}

std::string reliability_figure(const ClassificationMetrics& m) {
  if (m.groups.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const ReliabilityBin& bin : m.reliability) {
    if (bin.count == 0) continue;
    rows.push_back({{fmt::format("{} to {}", percent(bin.lower, 1), percent(bin.upper, 1))},
                    {html::count(bin.count)},
                    {percent(bin.mean_predicted, 2)},
                    {percent(bin.event_rate, 2)}});
  }
  html::Figure figure;
  figure.name = "reliability";
  figure.title = "Can the probabilities be taken at their word?";
  figure.label = "Line chart of the observed share of events against the predicted probability.";
  figure.caption =
      "Each point is a tenth of the cells. Across: what the model said; up: how often it came. Points on the "
      "dashed line mean that the "
      "probabilities can be "
      "taken as they are; below it, the model promises too much.";
  figure.numbers = html::table("Reliability, in bins of equal width",
                               {{"Said"}, {"Cells"}, {"Mean said"}, {"Came"}}, rows);
  return html::figure(figure);
}

}  // namespace

std::string render_signal(const StudyReport& report) {
  if (!report.evaluation || report.evaluation->dates.empty()) return {};
  const SignalEvaluation& e = *report.evaluation;
  const std::string label = report.label.empty() || report.classification
                                ? std::string()
                                : fmt::format(" The return is <code>{}</code>.", html::escape(report.label));
  return html::section(
      "signal", "Signal",
      "How well the scores foretold returns, out of sample, before any portfolio is made of them. An IC is "
      "measured against the raw return." +
          label,
      signal_facts(e) + information_figure(e) + "<div class=\"pair\">\n" + month_figure(e) + decay_figure(e) +
          "</div>\n<div class=\"pair\">\n" + quantile_figures(e) + "</div>\n");
}

std::string render_classification(const StudyReport& report) {
  if (!report.classification) return {};
  const std::string label =
      report.label.empty() ? "the event" : fmt::format("<b>{}</b>", html::escape(report.label));
  return html::section(
      "gain", "The event",
      fmt::format("The model gives a probability for {}. Rare events need rare-event measures: everything "
                  "is set against the base rate.",
                  label),
      "<div class=\"pair\">\n" + picks_table(report) + reliability_figure(*report.classification) +
          "</div>\n" + group_table(report));
}

}  // namespace orrery
