#include <fmt/format.h>

#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/interval_coverage.h"

namespace orrery {

namespace {

std::string sentence_of_noise(const IntervalCoverage& coverage) {
  if (!(coverage.estimate_spread < 0.1 * coverage.half_width)) return {};
  return " One name's outcome is almost all noise: the scores can only pay over many.";
}

std::string sentence_of_slope(const IntervalCoverage& coverage) {
  if (!(coverage.falling > 0.0)) return {};
  return fmt::format(
      " On {} of the sessions higher scores had been worth less than lower ones over the sessions before, so "
      "that "
      "the estimates run against the ranks.",
      html::percent(coverage.falling, 0));
}

}  // namespace

namespace {

/// How the intervals came about.
std::string making_of(const IntervalCoverage& coverage) {
  switch (coverage.method) {
    case IntervalCoverage::Method::kSplit:
      return "In each fold a line through the first half of the validation sessions turns a score into an "
             "estimate of the "
             "return; its interval is as wide as the errors made in the second half, in each name's own "
             "volatility "
             "(split conformal), and stays so over the fold's test sessions.";
    case IntervalCoverage::Method::kQuantiles:
      return "In each fold two models learn a low and a high quantile of the return; both are moved by what "
             "the second "
             "half of the validation sessions missed them by (conformalized quantile regression), and stay "
             "so over the "
             "fold's test sessions.";
    case IntervalCoverage::Method::kAdaptive:
      break;
  }
  return fmt::format(
      "Each score is turned into an estimate of the return by a line through the last {} sessions whose "
      "outcome was "
      "known, and given an interval as wide as the errors made there, in each name's own volatility "
      "(conformal, "
      "adaptive).",
      coverage.window);
}

std::string coverage_figure(const IntervalCoverage& coverage) {
  using html::percent;
  html::Figure figure;
  figure.name = "interval-coverage";
  figure.title = fmt::format("Share of outcomes inside their {} interval, mean of {} sessions",
                             percent(coverage.target, 0), coverage.rolling);
  figure.label = fmt::format("Line chart of the share covered; {} over all, between {} and {}.",
                             percent(coverage.covered), percent(coverage.lowest), percent(coverage.highest));
  figure.caption = fmt::format(
      "{} Of {} intervals {} held what came, from {} to {} of {} sessions in a row: names move together, and "
      "a bad month "
      "misses many at once.",
      making_of(coverage), html::count(coverage.intervals), percent(coverage.covered),
      percent(coverage.lowest), percent(coverage.highest), coverage.rolling);
  return html::figure(figure);
}

std::string said_of_coverage(const IntervalCoverage& coverage) {
  using html::percent;
  return fmt::format(
      "An interval reaches {} to either side on average; the estimates of one session differ by {} (standard "
      "deviation).{}{}",
      percent(coverage.half_width, 2), percent(coverage.estimate_spread, 3), sentence_of_noise(coverage),
      sentence_of_slope(coverage));
}

/// Groups from the surest on, a row each.
std::string deviation_table(const DeviationSkill& skill) {
  std::vector<std::vector<html::TableCell>> rows;
  for (std::size_t i = 0; i < skill.groups.size(); ++i) {
    const auto& group = skill.groups[i];
    const bool surest = i == 0;
    const bool last = i + 1 == skill.groups.size();
    const std::string name = fmt::format("{}{}", i + 1, surest ? " (surest)" : last ? " (least sure)" : "");
    rows.push_back({{name},
                    {fmt::format("{:.3g}", group.deviation)},
                    {html::number(group.rank_ic, 4)},
                    {html::percent(group.outcome_deviation, 2)}});
  }
  return html::table(
      "Scores by the deviation that their model gives with them",
      {{"Part of the session's scores", true}, {"Deviation"}, {"Rank IC"}, {"Spread of the returns"}}, rows);
}

std::string said_of_deviations(const DeviationJudgement& judged) {
  return fmt::format(
      "The model also says how unsure it is of each score ({}; {}). Over {} sessions the rank IC of the "
      "surest part exceeds that of the least sure one by {} ({} standard errors{}).",
      html::escape(judged.method),
      judged.includes_noise ? "the label's noise included" : "the score alone, without the label's noise",
      html::count(judged.skill.sessions), html::number(judged.skill.difference, 4),
      html::number(judged.skill.difference_t, 1),
      std::fabs(judged.skill.difference_t) < 2.0 ? ", which luck explains" : "");
}

}  // namespace

std::string render_intervals(const IntervalCoverage* coverage, const DeviationJudgement* deviations) {
  const bool covers = coverage != nullptr && !coverage->dates.empty();
  const bool deviates = deviations != nullptr && !deviations->skill.groups.empty();
  if (!covers && !deviates) return {};
  std::string said = covers ? said_of_coverage(*coverage) : std::string();
  if (deviates) said += (covers ? " " : "") + said_of_deviations(*deviations);
  return html::section("intervals", "How sure", said,
                       (covers ? coverage_figure(*coverage) : std::string()) +
                           (deviates ? deviation_table(deviations->skill) : std::string()));
}

}  // namespace orrery
