#include <fmt/format.h>

#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"
#include "orrery/report/two_sided.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;

std::string plus_minus(double value, double error, int decimals) {
  return fmt::format("{} <small>± {}</small>", number(value, decimals), number(error, decimals));
}

std::string describe_drawdown(const Performance& p) {
  if (p.worst_drawdowns.empty()) return "never below its peak";
  const Drawdown& fall = p.worst_drawdowns.front();
  const auto date = [](Date value) {
    return fmt::format("<span class=\"date\">{}</span>", to_string(value));
  };
  return fmt::format("{} to {}, {}", fall.peak ? date(*fall.peak) : "from the start", date(fall.trough),
                     fall.recovery ? "recovered " + date(*fall.recovery) : "not recovered");
}

/// The difference to the universe leads, since both share what the data lacks.
std::string return_cards(const Performance& p, const std::string& benchmark) {
  std::string cards;
  if (!p.benchmark_equity.empty()) {
    cards += html::card(
        {"Over the universe, a year", p.excess_annual_return, signed_percent(p.excess_annual_return),
         fmt::format("after costs; t = {}, information ratio {}, alpha t = {}", number(p.excess_t, 2),
                     number(p.information_ratio, 2), number(p.alpha_t, 2))});
  }
  cards += html::card(
      {"Annual return, after costs", p.annual_return, signed_percent(p.annual_return),
       fmt::format("{} {}; before costs {}", html::escape(benchmark),
                   signed_percent(p.benchmark_annual_return), signed_percent(p.annual_return_gross))});
  cards += html::card({"Sharpe ratio", p.sharpe, plus_minus(p.sharpe, p.sharpe_standard_error, 2),
                       fmt::format("± one standard error; universe {}", number(p.benchmark_sharpe, 2))});
  return cards +
         html::card({"Largest drawdown", p.max_drawdown, percent(p.max_drawdown), describe_drawdown(p)});
}

std::string risk_cards(const Performance& p) {
  std::string cards = html::card(
      {"Volatility, a year", p.annual_volatility, percent(p.annual_volatility),
       fmt::format("universe {}; beta {}", percent(p.benchmark_annual_volatility), number(p.beta, 2))});
  return cards + html::card({"Turnover a session, two-way", p.turnover_two_way, percent(p.turnover_two_way),
                             fmt::format("costs take {} a year", percent(p.cost_drag))});
}

std::string signal_cards(const SignalEvaluation& e) {
  std::string cards = html::card(
      {"Rank IC, mean of the days", e.rank_ic.mean,
       plus_minus(e.rank_ic.mean, e.rank_ic.newey_west_standard_error, 4),
       fmt::format("t = {} over {} days", number(e.rank_ic.newey_west_t, 2), html::count(e.rank_ic.days))});
  return cards + html::card({"ICIR, daily", e.ic.icir, number(e.ic.icir, 3),
                             fmt::format("IC {}, t = {}; {} of the days positive", number(e.ic.mean, 4),
                                         number(e.ic.newey_west_t, 2), percent(e.ic.positive_share, 0))});
}

std::string event_cards(const ClassificationMetrics& m) {
  std::string cards =
      html::card({"Precision-recall area", m.average_precision, percent(m.average_precision, 2),
                  fmt::format("a blind guess gets {}", percent(m.base_rate, 2))});
  if (m.top_picks.empty()) return cards;
  const TopPicks& picks = m.top_picks.front();
  return cards + html::card({fmt::format("Precision of the {} highest a day", picks.k), picks.precision,
                             percent(picks.precision, 2),
                             fmt::format("{} times the base rate", number(picks.lift, 1))});
}

const char* judge(double t) {
  if (!std::isfinite(t)) return "from too short a test to say more";
  if (std::abs(t) < kTwoSided95) return "which cannot be told apart from luck";
  return t > 0.0 ? "more than luck alone usually gives" : "worse than luck alone usually gives";
}

bool stands_out(double t) { return std::isfinite(t) && t > kTwoSided95; }

/// Did more than luck speak for the scores, and for what was made of them?
std::string say_conclusion(const Performance& p, double signal_t) {
  const bool scores = stands_out(signal_t);
  const bool portfolio = stands_out(p.excess_t);
  const bool behind = p.excess_annual_return < 0.0;
  if (scores && portfolio)
    return "The scores and what the portfolio made of them are more than luck alone usually gives.";
  if (scores)
    return behind ? "The scores foretell something; at these costs the portfolio makes nothing of it."
                  : "The scores foretell something; what the portfolio made of it after costs can't be told "
                    "apart from luck.";
  if (portfolio)
    return "The portfolio did better than luck alone usually does, but its scores can't be told apart from "
           "luck: look for what else it held.";
  return behind
             ? "Nothing here speaks for skill: the scores can't be told apart from luck, and at these costs "
               "the portfolio fell behind the universe."
             : "Nothing here can be told apart from luck at these costs.";
}

std::string say_difference(const Performance& p) {
  return fmt::format(
      "From {} the portfolio earned <b>{}</b> a year over the equal-weight universe of the same rows, after "
      "costs (t = {}): {} against {}. Before costs it would have been {}. The Sharpe ratio is <b>{} ± "
      "{}</b>, "
      "the universe's {}. ",
      html::date_range(p.dates.front(), p.dates.back()), signed_percent(p.excess_annual_return),
      number(p.excess_t, 2), signed_percent(p.annual_return), signed_percent(p.benchmark_annual_return),
      signed_percent(p.annual_return_gross - p.benchmark_annual_return), number(p.sharpe, 2),
      number(p.sharpe_standard_error, 2), number(p.benchmark_sharpe, 2));
}

/// Without a universe to hold it against.
std::string say_performance(const Performance& p) {
  return fmt::format(
      "After costs the portfolio returned <b>{}</b> a year from {}, with a Sharpe ratio of <b>{} ± {}</b>, "
      "{}. ",
      signed_percent(p.annual_return), html::date_range(p.dates.front(), p.dates.back()), number(p.sharpe, 2),
      number(p.sharpe_standard_error, 2), judge(p.sharpe / p.sharpe_standard_error));
}

std::string say_signal(const SignalEvaluation& e) {
  return fmt::format("The scores' mean rank IC is <b>{}</b> (t = {}), {}. ", number(e.rank_ic.mean, 4),
                     number(e.rank_ic.newey_west_t, 2), judge(e.rank_ic.newey_west_t));
}

std::string say_random(const Trust& trust) {
  if (!trust.baselines) return {};
  return fmt::format("Of random scores, traded the same way, {} had a lower Sharpe ratio. ",
                     percent(trust.baselines->sharpe.share_below_run, 0));
}

std::string say_bias(const Trust& trust) {
  if (!trust.survivorship) return {};
  return "Absolute returns here are biased by <a href=\"#survivorship\">the names that the data lacks</a>; "
         "the "
         "difference to the universe, which lacks them too, is the result. ";
}

bool has_performance(const StudyReport& report) {
  return report.performance && !report.performance->dates.empty();
}

bool has_signal(const StudyReport& report) {
  return report.evaluation && report.evaluation->rank_ic.days > 0;
}

}  // namespace

std::string render_verdict(const StudyReport& report) {
  std::string text;
  const bool compared = has_performance(report) && !report.performance->benchmark_equity.empty();
  if (compared && has_signal(report)) {
    text += fmt::format("<b>{}</b> ",
                        say_conclusion(*report.performance, report.evaluation->rank_ic.newey_west_t));
  }
  if (compared) text += say_difference(*report.performance);
  if (has_performance(report) && !compared) text += say_performance(*report.performance);
  if (has_signal(report)) text += say_signal(*report.evaluation);
  if (report.trust) text += say_random(*report.trust) + say_bias(*report.trust);
  if (text.empty()) return {};
  return fmt::format("<p class=\"verdict\">{}</p>\n", text);
}

std::string render_cards(const StudyReport& report) {
  std::string cards;
  if (has_performance(report)) cards += return_cards(*report.performance, "universe");
  if (report.classification) cards += event_cards(*report.classification);
  if (has_signal(report)) cards += signal_cards(*report.evaluation);
  if (has_performance(report)) cards += risk_cards(*report.performance);
  return cards.empty() ? std::string() : fmt::format("<dl class=\"cards\">\n{}</dl>\n", cards);
}

}  // namespace orrery
