#include <fmt/format.h>

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

std::string render_intervals(const IntervalCoverage& coverage) {
  if (coverage.dates.empty()) return {};
  using html::percent;
  html::Figure figure;
  figure.name = "interval-coverage";
  figure.title = fmt::format("Share of outcomes inside their {} interval, mean of {} sessions",
                             percent(coverage.target, 0), coverage.rolling);
  figure.label = fmt::format("Line chart of the share covered; {} over all, between {} and {}.",
                             percent(coverage.covered), percent(coverage.lowest), percent(coverage.highest));
  figure.caption = fmt::format(
      "Each score is turned into an estimate of the return by a line through the last {} sessions whose "
      "outcome "
      "was known, and given an interval as wide as the errors made there, in each name's own volatility "
      "(conformal, adaptive). Of {} intervals {} held what came, from {} to {} of {} sessions in a row: "
      "names "
      "move together, and a bad month misses many at once.",
      coverage.window, html::count(coverage.intervals), percent(coverage.covered), percent(coverage.lowest),
      percent(coverage.highest), coverage.rolling);
  const std::string said = fmt::format(
      "An interval reaches {} to either side on average; the estimates of one session differ by {} (standard "
      "deviation).{}{}",
      percent(coverage.half_width, 2), percent(coverage.estimate_spread, 3), sentence_of_noise(coverage),
      sentence_of_slope(coverage));
  return html::section("intervals", "How sure", said, html::figure(figure));
}

}  // namespace orrery
