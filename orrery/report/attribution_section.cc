#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/statistics.h"
#include "orrery/report/html.h"
#include "orrery/report/sections.h"
#include "orrery/report/two_sided.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;
using Row = std::vector<TableCell>;

std::string periods_of(std::size_t count, bool monthly) {
  const char* unit = monthly ? "month" : "session";
  return fmt::format("{} {}{}", html::count(count), unit, count == 1 ? "" : "s");
}

std::string regression_table(const std::string& caption, const FactorRegression& fit, bool monthly) {
  std::vector<Row> rows = {{{"Alpha, a year"}, {signed_percent(fit.alpha)}, {number(fit.alpha_t, 2)}}};
  for (const FactorLoading& loading : fit.loadings)
    rows.push_back({{html::escape(loading.factor)}, {number(loading.beta, 2)}, {number(loading.t, 2)}});
  rows.push_back({{"R²"}, {percent(fit.r_squared)}, {""}});
  rows.push_back({{"Residual volatility, a year"}, {percent(fit.residual_volatility)}, {""}});
  rows.push_back({{monthly ? "Months" : "Sessions"}, {html::count(fit.periods)}, {""}});
  return html::table(caption, {{"Net return over cash, on"}, {"Estimate"}, {"t"}}, rows);
}

std::string universe_figure(const FactorRegression& fit) {
  return "<figure><h3>On the equal-weight universe</h3>" +
         regression_table("Regression on the equal-weight universe", fit, false) +
         fmt::format(
             "<figcaption>Alpha is what is left when the part that moves with the universe is taken out. t "
             "is over "
             "Newey and West's standard error (Bartlett weights, {} lags); beyond ±1.96 is more than luck "
             "usually "
             "gives.</figcaption></figure>\n",
             fit.lag);
}

/// What of the run the file covers, in words.
std::string say_overlap(const FactorOverlap& overlap) {
  const auto span = html::date_range(overlap.first, overlap.last);
  if (overlap.common == overlap.run_periods)
    return fmt::format("The file, {}, covers all {} of the run.", span,
                       periods_of(overlap.run_periods, overlap.monthly));
  return fmt::format("The file, {}, has {} of the run's {}; the others are not in the regression.", span,
                     html::count(overlap.common), periods_of(overlap.run_periods, overlap.monthly));
}

std::string factors_figure(const FactorOverlap& overlap, const FactorRegression& fit) {
  return fmt::format("<figure><h3>On the factors of <code>{}</code></h3>", html::escape(overlap.file)) +
         regression_table("Regression on the file's factors", fit, overlap.monthly) +
         fmt::format(
             "<figcaption>{} Its numbers were read as {}; cash is {}. {}Newey and West, {} lags. The factors "
             "explain "
             "afterwards; nothing was learned from them.</figcaption></figure>\n",
             say_overlap(overlap), overlap.percent ? "percent" : "fractions",
             overlap.own_cash_rate ? "its RF" : "the study's cash rate",
             overlap.monthly ? "Returns are compounded to whole calendar months. " : "", fit.lag);
}

/// A file that says nothing about the run is no error: the run is what it is.
std::string missing_factors(const FactorOverlap& overlap) {
  if (overlap.run_periods == 0)
    return "<p class=\"note\">No regression on the factors of " + html::escape(overlap.file) +
           ": they are monthly, and the run covers no whole calendar month.</p>\n";
  return fmt::format(
      "<p class=\"note\">No regression on the factors of {}: it covers {}, which is {} of the run's {}, and "
      "at "
      "least {} are needed.</p>\n",
      html::escape(overlap.file), html::date_range(overlap.first, overlap.last),
      overlap.common == 0 ? "none" : html::count(overlap.common),
      periods_of(overlap.run_periods, overlap.monthly), overlap.needed);
}

std::string render_factors(const Attribution& attribution) {
  if (!attribution.overlap) {
    return "<figure><h3>On factors</h3><p class=\"note\">The study names no file of factor returns "
           "(<code>attribution.factors</code>), such as Fama and French's.</p></figure>\n";
  }
  if (!attribution.factors)
    return "<figure><h3>On factors</h3>" + missing_factors(*attribution.overlap) + "</figure>\n";
  return factors_figure(*attribution.overlap, *attribution.factors);
}

/// What is left of the return, in a sentence.
std::string say_alpha(const Attribution& attribution) {
  const FactorRegression& fit = attribution.factors ? *attribution.factors : attribution.universe;
  if (!std::isfinite(fit.alpha_t)) return "The run is too short to say where its return came from.";
  return fmt::format("{} {} of the net return's variation; what is left is {} a year (t = {}), {}.",
                     attribution.factors ? "The factors explain" : "The universe explains",
                     percent(fit.r_squared, 0), signed_percent(fit.alpha), number(fit.alpha_t, 2),
                     std::abs(fit.alpha_t) < kTwoSided95 ? "which cannot be told apart from luck"
                     : fit.alpha_t > 0.0                 ? "more than luck alone usually gives"
                                                         : "worse than luck alone usually gives");
}

Row exposure_row(const char* name, const std::vector<double>& values, std::string universe) {
  const std::vector<double> known = drop_missing(values);
  return {{name},
          {number(mean(known), 2)},
          {number(quantile(known, 0.0), 2)},
          {number(quantile(known, 1.0), 2)},
          {std::move(universe)}};
}

std::string render_exposure(const Exposure& exposure) {
  if (exposure.dates.empty()) return {};
  html::Figure figure;
  figure.name = "exposure";
  figure.title = "Beta and size of the holdings";
  figure.label = fmt::format(
      "Line chart of the holdings' exposures from {}: mean beta {}, the universe's {}; mean size score {}, "
      "the "
      "universe's 0.",
      html::date_range(exposure.dates.front(), exposure.dates.back()),
      number(mean(drop_missing(exposure.beta)), 2), number(mean(drop_missing(exposure.universe_beta)), 2),
      number(mean(drop_missing(exposure.size)), 2));
  figure.caption =
      "Above: the weighted beta of what was held after each close, each name's over the 252 sessions before, "
      "beside "
      "the "
      "mean of the universe's names. Below: the weighted size, in standard deviations of the day's names (0 "
      "is the "
      "universe). Size is the logarithm of 20 sessions' traded value: a stand-in for market value, for which "
      "the "
      "shares "
      "outstanding are missing. Cash has neither.";
  figure.numbers =
      html::table("Exposures", {{"Exposure"}, {"Mean"}, {"Lowest"}, {"Highest"}, {"Universe"}},
                  {exposure_row("Beta", exposure.beta, number(mean(drop_missing(exposure.universe_beta)), 2)),
                   exposure_row("Size score", exposure.size, "0.00")});
  figure.tall = true;
  return html::figure(figure);
}

}  // namespace

std::string render_attribution(const StudyReport& report) {
  if (!report.sources) return {};
  const Attribution& attribution = report.sources->attribution;
  return html::section("attribution", "Where the return came from", say_alpha(attribution),
                       "<div class=\"pair\">\n" + universe_figure(attribution.universe) +
                           render_factors(attribution) + "</div>\n" +
                           render_exposure(report.sources->exposure));
}

}  // namespace orrery
