#include "orrery/app/build_report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "orrery/app/fold_importance.h"
#include "orrery/app/run_currencies.h"
#include "orrery/app/study_label.h"
#include "orrery/app/version.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Mean of the daily values whose session lies in a range of rows; missing days are left out.
double mean_within(const SignalEvaluation& signal, const std::vector<double>& daily,
                   const std::vector<Date>& dates, RowRange rows) {
  if (rows.empty()) return CorrelationSummary::kMissing;
  double sum = 0.0;
  int days = 0;
  for (std::size_t i = 0; i < daily.size(); ++i) {
    const bool inside = signal.dates[i] >= dates[rows.begin] && signal.dates[i] <= dates[rows.end - 1];
    if (!inside || std::isnan(daily[i])) continue;
    sum += daily[i];
    ++days;
  }
  return days == 0 ? CorrelationSummary::kMissing : sum / days;
}

/// How many training samples the purge left out is told by the rows that both ranges differ by.
FoldSection fold_section(const FoldReport& fold, const StudyRun& run) {
  const auto& dates = run.prices.market.dates;
  const auto last = [&](RowRange rows) { return rows.empty() ? Date{} : dates[rows.end - 1]; };
  const auto first = [&](RowRange rows) { return rows.empty() ? Date{} : dates[rows.begin]; };
  FoldSection section;
  section.train_first = first(fold.used.train);
  section.train_last = last(fold.used.train);
  section.valid_first = first(fold.used.valid);
  section.valid_last = last(fold.used.valid);
  section.test_first = first(fold.used.test);
  section.test_last = last(fold.used.test);
  section.train_rows = fold.train_samples;
  section.valid_rows = fold.valid_samples;
  section.test_rows = fold.test_samples;
  section.rounds = fold.fit.best_round;
  for (std::size_t row = fold.used.train.end; row < fold.given.train.end; ++row) {
    const auto cells = run.eligible.row(row);
    section.purged_rows += static_cast<std::size_t>(std::count(cells.begin(), cells.end(), 1));
  }
  const auto& signal = run.evaluation.signal;
  section.test_ic = mean_within(signal, signal.ic.daily, dates, fold.used.test);
  section.test_rank_ic = mean_within(signal, signal.rank_ic.daily, dates, fold.used.test);
  section.members = fold.fit.members;
  section.search = fold.fit.search;
  section.importance = fold_importance(fold.fit);
  return section;
}

/// Weights at the close of the last session, before the decision that is recommended.
std::map<std::uint32_t, double> last_weights(const BacktestResult& result) {
  std::map<std::uint32_t, double> weights;
  if (result.daily.empty()) return weights;
  const auto& last = result.daily.back();
  for (const auto& position : result.positions) {
    if (position.date != last.date) continue;
    weights[position.instrument] = multiply(position.mark, position.quantity).units() / last.equity.units();
  }
  return weights;
}

std::vector<Recommendation> recommendations_of(const StudyRun& run) {
  const auto before = last_weights(run.evaluation.backtest);
  const auto& intervals = run.evaluation.intervals;
  std::vector<Recommendation> result;
  if (run.evaluation.backtest.daily.empty()) return result;
  const std::size_t last = run.prices.market.lower_row(run.evaluation.backtest.daily.back().date);
  for (const auto& row : run.evaluation.backtest.recommendations) {
    const auto held = before.find(row.instrument);
    const double weight_before = held == before.end() ? 0.0 : held->second;
    const auto& market = run.prices.market;
    result.push_back({market.symbols[row.instrument],
                      market.sectors.empty() ? std::string() : market.sectors[row.instrument], row.score,
                      row.rank, row.weight, row.weight - weight_before,
                      intervals.expected(last, row.instrument), intervals.lower(last, row.instrument),
                      intervals.upper(last, row.instrument)});
  }
  return result;
}

/// Mean weights by sector over the days of the backtest, beside the share of names in the universe.
std::vector<SectorExposure> sector_exposure(const StudyRun& run) {
  const auto& market = run.prices.market;
  const auto& result = run.evaluation.backtest;
  const bool known =
      std::any_of(market.sectors.begin(), market.sectors.end(), [](const auto& s) { return !s.empty(); });
  if (!known || result.daily.empty()) return {};
  std::map<std::string, SectorExposure> by_sector;
  std::map<Date, double> equity;
  for (const auto& day : result.daily) equity[day.date] = day.equity.units();
  const double days = static_cast<double>(result.daily.size());
  for (const auto& position : result.positions) {
    by_sector[market.sectors[position.instrument]].weight +=
        multiply(position.mark, position.quantity).units() / equity[position.date] / days;
  }
  for (const auto& day : result.daily) {
    const auto row = run.eligible.row(market.lower_row(day.date));
    const double names = static_cast<double>(std::count(row.begin(), row.end(), 1));
    for (std::size_t i = 0; i < row.size() && names > 0.0; ++i) {
      if (row[i] != 0) by_sector[market.sectors[i]].universe_weight += 1.0 / names / days;
    }
  }
  std::vector<SectorExposure> exposures;
  for (auto& [sector, exposure] : by_sector) {
    exposure.sector = sector.empty() ? "unknown" : sector;
    exposures.push_back(exposure);
  }
  return exposures;
}

std::string bar_files_text(const std::vector<BarFile>& files) {
  std::vector<std::string> names;
  for (const auto& file : files)
    names.push_back(fmt::format("{} {}", file.symbol, file.path.filename().string()));
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The file's name, those of files of bars, or what of a lake was read.
std::string source_text(const Study& study, const PriceLoad& prices) {
  if (!study.data.bars.empty()) return bar_files_text(study.data.bars);
  auto text = study.data.path.filename().string();
  if (!study.lake) return text;
  std::vector<std::string> tables;
  for (const auto& [table, version] : prices.table_versions) {
    tables.push_back(fmt::format("{} version {}", table, version));
  }
  const auto as_of = study.lake->as_of ? "as known at " + to_string(*study.lake->as_of) : "all that is known";
  return fmt::format("lake {}: {}; {}", text, fmt::join(tables, ", "), as_of);
}

DataQualityReport data_quality(const Study& study, const PriceLoad& prices) {
  const PriceSummary& summary = prices.summary;
  DataQualityReport data;
  data.source = source_text(study, prices);
  data.rows_read = summary.rows_read;
  data.rows_good = summary.rows_good;
  data.quarantined.assign(summary.quarantined.begin(), summary.quarantined.end());
  data.first_date = summary.first_date;
  data.last_date = summary.last_date;
  data.sessions = summary.sessions;
  data.instruments = summary.symbols;
  data.missing_sessions = summary.missing_sessions;
  data.halted_cells = summary.missing_bars;
  data.ignored_columns = summary.ignored_columns;
  data.delivered_adjusted = summary.delivered_adjusted;
  const auto note = [&](std::size_t count, const char* text) {
    if (count > 0) data.notes.push_back(fmt::format("{} {}", count, text));
  };
  note(summary.zero_volume_rows,
       "bars have no volume; they are kept, and orders on such a day are not filled.");
  note(summary.late_listings,
       "names start after the first session; nothing is filled in before their first bar.");
  note(summary.early_endings,
       "names end before the last session; what became of them is told under delistings.");
  note(summary.out_of_order_rows, "rows stood out of order in the file; they were sorted in.");
  note(summary.splits, "splits were found; shares held change with them.");
  note(summary.dividends, "cash dividends were found; they are paid on the day they go ex.");
  note(summary.incomplete_days,
       "first or last days were held by files of bars only in part; they are left out.");
  note(summary.funding_payments,
       "times perpetual futures paid funding; it is booked on what is held at its moment.");
  note(summary.stale_funding_marks,
       "of them had no mark price at their moment; the close of the last bar before it stands for it.");
  note(summary.unused_funding_rates, "funding rates lie outside the sessions; they are not used.");
  note(summary.unused_currencies, "symbols have a currency, but no prices.");
  note(summary.unexplained_adjustments,
       "steps of the adjusted series are neither; returns follow them all the same.");
  note(summary.symbols_without_sector, "names have no sector in the sectors file.");
  return data;
}

DelistingScenario scenario(std::string assumption, const Performance& performance) {
  return {std::move(assumption), performance.annual_return, performance.sharpe, performance.max_drawdown};
}

std::vector<DelistingScenario> delisting_scenarios(const ScoreEvaluation& evaluation) {
  if (!evaluation.pessimistic_performance) return {};
  return {
      scenario("names that vanish without a record are closed at their last price (shown everywhere else)",
               evaluation.performance),
      scenario("they are closed 30 % below their last price", *evaluation.pessimistic_performance)};
}

std::string purge_note(const Study& study) {
  if (purges_by_touch(study))
    return fmt::format("without the labels that reach over the boundary after them, {} sessions at most",
                       study.label.span_rows);
  return fmt::format("with {} sessions purged before each boundary",
                     resolve_purge(study.validation.purge, study.label.span_rows));
}

std::string scores_note(const Study& study, const StudyRun& run) {
  if (run.walk.folds.empty()) {
    return "The scores were made elsewhere: whether they were out of sample can't be seen from here.";
  }
  return fmt::format(
      "Scores are out of sample: every score comes from a model that was trained on earlier days only, {}.",
      purge_note(study));
}

/// What was paid and earned besides trades, in both returns; "" where nothing was.
std::string financing_note(const BacktestResult& traded) {
  std::vector<std::string> parts;
  const auto add = [&](Money amount, const char* what) {
    if (amount != Money{}) parts.push_back(fmt::format("{:.2f} {}", amount.units(), what));
  };
  add(traded.funding, "of funding, received less paid");
  add(traded.borrow_fees, "paid for borrowed shares");
  add(traded.interest, "of interest, earned less paid");
  if (parts.empty()) return {};
  return fmt::format("Both returns, gross and net, hold {}.", fmt::join(parts, ", "));
}

std::vector<std::string> method_notes(const Study& study, const StudyRun& run) {
  std::vector<std::string> notes;
  notes.push_back(scores_note(study, run));
  notes.push_back(
      fmt::format("Decisions are made after a close and trade {} session{} later; costs of {} bp commission "
                  "and {} bp slippage "
                  "are paid on each side.",
                  study.backtest.delay, study.backtest.delay == 1 ? "" : "s",
                  study.backtest.costs.commission_bps, study.backtest.costs.slippage_bps));
  if (auto note = financing_note(run.evaluation.backtest); !note.empty()) notes.push_back(std::move(note));
  notes.push_back("IC is measured against the raw return from the fill, not against its rank.");
  if (study.universe.holds_members()) {
    notes.push_back(
        "The benchmark holds every member of the day in equal weight, without costs. Members without prices "
        "are "
        "missing from it as from the portfolio: read the difference.");
  } else {
    notes.push_back(
        "The benchmark holds every name of the universe in equal weight, without costs: the difference to it "
        "is the result, because the universe is what the data holds and absolute returns carry its "
        "survivorship "
        "bias.");
    notes.push_back("There is no list of members: a name counts as soon as the data has it.");
  }
  return notes;
}

std::string subtitle_of(const Study& study, const StudyRun& run) {
  const auto& summary = run.prices.summary;
  const auto made_by = run.walk.folds.empty()
                           ? std::string("scores made elsewhere")
                           : fmt::format("{} factors, model {}", run.factor_names.size(), study.model);
  return fmt::format("{} names, {} to {}, {}, strategy {}", summary.symbols, to_string(summary.first_date),
                     to_string(summary.last_date), made_by, study.strategy);
}

LadderReport ladder_report(const Study& study, const ScoreEvaluation& evaluation) {
  LadderReport ladder;
  ladder.confirm_after = study.backtest.ladder->confirm_after;
  ladder.with = evaluation.performance;
  ladder.without = *evaluation.without_ladder;
  ladder.sessions_on_level.assign(study.backtest.ladder->levels.size() + 1, 0);
  auto change = evaluation.backtest.risk_events.begin();
  std::size_t level = 0;
  for (const auto& day : evaluation.backtest.daily) {
    for (; change != evaluation.backtest.risk_events.end() && change->date <= day.date; ++change) {
      ladder.changes.push_back({change->date, change->from, change->to, change->drawdown, change->cause});
      level = static_cast<std::size_t>(change->to);
    }
    ++ladder.sessions_on_level[level];
  }
  return ladder;
}

/// What a regime's sessions earned.
RegimeResult regime_result(const ScoreEvaluation& evaluation, const RegimeReport& told, int state,
                           double periods_per_year) {
  RegimeResult result;
  std::vector<double> own, universe;
  const auto& daily = evaluation.backtest.daily;
  for (std::size_t day = 0; day < daily.size(); ++day) {
    if (told.state[day] != state) continue;
    own.push_back(daily[day].net_return);
    if (day < evaluation.benchmark_returns.size()) universe.push_back(evaluation.benchmark_returns[day]);
    result.exposure += daily[day].long_exposure - daily[day].short_exposure;
  }
  universe = drop_missing(universe);
  result.sessions = own.size();
  result.exposure /= static_cast<double>(own.size());
  result.annual_return = periods_per_year * mean(own);
  result.annual_volatility = std::sqrt(periods_per_year) * standard_deviation(own);
  result.sharpe = result.annual_return / result.annual_volatility;
  result.worst = own.empty() ? std::nan("") : *std::min_element(own.begin(), own.end());
  result.universe = periods_per_year * mean(universe);
  result.universe_volatility = std::sqrt(periods_per_year) * standard_deviation(universe);
  return result;
}

std::string treatment_text(const RegimeTreatment& treatment) {
  const std::string strategy = treatment.strategy ? treatment.strategy->name : "";
  if (treatment.gross == 1.0) return strategy.empty() ? "as the strategy wants" : strategy;
  const auto part = fmt::format("{:.4g} of the weight", treatment.gross);
  return strategy.empty() ? part : fmt::format("{}, {}", strategy, part);
}

RegimeReport regime_report(const Study& study, const StudyRun& run) {
  const ScoreEvaluation& evaluation = run.evaluation;
  const RegimeHistory& history = *evaluation.regimes;
  RegimeReport report;
  report.names = history.names;
  const bool model = study.regimes->settings.method == RegimeMethod::kHmm;
  report.ascending = model;
  report.fits = history.fits.size();
  report.with = evaluation.performance;
  report.without = *evaluation.without_regimes;
  if (model) report.likely.resize(report.names.size());
  const auto delay = static_cast<std::size_t>(study.backtest.delay);
  for (const auto& day : evaluation.backtest.daily) {
    const std::size_t row = run.prices.market.lower_row(day.date);
    const bool decided = row >= delay;
    report.dates.push_back(day.date);
    report.state.push_back(decided ? history.state[row - delay] : RegimeHistory::kUnknown);
    for (std::size_t i = 0; i < report.likely.size(); ++i) {
      report.likely[i].push_back(decided ? history.probabilities(row - delay, i) : std::nan(""));
    }
  }
  const double periods = run.prices.calendar.sessions_per_year();
  for (std::size_t i = 0; i < report.names.size(); ++i) {
    report.results.push_back(regime_result(evaluation, report, static_cast<int>(i), periods));
    report.results.back().name = report.names[i];
    report.results.back().treatment = treatment_text(study.regimes->treatments[i]);
  }
  const auto unknown = regime_result(evaluation, report, RegimeHistory::kUnknown, periods);
  if (unknown.sessions > 0) {
    report.results.push_back(unknown);
    report.results.back().name = "not known yet";
    report.results.back().treatment = "as the strategy wants";
  }
  return report;
}

/// Returns how many orders were made: one has fills, or a rest that was not filled, or both.
std::size_t count_orders(const BacktestResult& result) {
  std::set<std::uint64_t> orders;
  for (const auto& entry : result.journal) {
    if (entry.kind == EntryKind::kTrade) orders.insert(entry.order_id);
  }
  for (const auto& order : result.unfilled) orders.insert(order.order_id);
  return orders.size();
}

OrderCheckReport order_check_report(const BacktestResult& result) {
  OrderCheckReport report;
  report.orders = count_orders(result);
  for (const auto& finding : result.findings) {
    auto rule = std::find_if(report.rules.begin(), report.rules.end(),
                             [&](const RuleReport& each) { return each.rule == finding.rule; });
    if (rule == report.rules.end()) {
      rule = report.rules.insert(rule, RuleReport{std::string(finding.rule), 0, 0, finding.session.date,
                                                  finding.session.date, finding.figures});
    }
    ++(finding.refused ? rule->refused : rule->warned);
    rule->last = finding.session.date;
  }
  std::stable_sort(
      report.rules.begin(), report.rules.end(),
      [](const RuleReport& left, const RuleReport& right) { return left.refused > right.refused; });
  return report;
}

std::string importance_unit_of(const StudyRun& run) {
  if (run.walk.models.empty()) return "importance";
  const auto unit = run.walk.models.front()->describe().importance_unit;
  const bool same = std::all_of(run.walk.models.begin(), run.walk.models.end(),
                                [&](const auto& model) { return model->describe().importance_unit == unit; });
  return same ? unit : "importance";
}

}  // namespace

StudyReport build_study_report(const Study& study, const StudyRun& run, const std::string& banner) {
  const auto& evaluation = run.evaluation;
  StudyReport report;
  report.name = study.name;
  report.banner = banner;
  report.subtitle = subtitle_of(study, run);
  report.label = label_text(study);
  report.evaluation = evaluation.signal;
  report.performance = evaluation.performance;
  report.trust = evaluation.trust;
  report.sources = run.sources;
  if (evaluation.regimes) report.regimes = regime_report(study, run);
  if (evaluation.without_ladder) report.ladder = ladder_report(study, evaluation);
  if (study.backtest.order_checks) report.order_checks = order_check_report(evaluation.backtest);
  if (const auto& market = run.prices.market; !market.currencies.empty()) {
    report.currencies = currency_report(evaluation.currencies, market, study.backtest);
  }
  report.classification = evaluation.classification;
  report.uncalibrated = evaluation.uncalibrated;
  report.pick_returns = evaluation.pick_returns;
  for (const auto& fold : run.walk.folds) report.folds.push_back(fold_section(fold, run));
  for (const auto& fold : run.walk.folds) {
    if (fold.selection) report.selections.push_back(*fold.selection);
  }
  report.explanation = run.explanation.told;
  report.importance_unit = importance_unit_of(run);
  if (!evaluation.backtest.daily.empty()) report.recommendations_date = evaluation.backtest.daily.back().date;
  report.recommendations = recommendations_of(run);
  report.sectors = sector_exposure(run);
  report.data = data_quality(study, run.prices);
  report.delistings = delisting_scenarios(evaluation);
  report.study_yaml = study.yaml;
  report.method_notes = method_notes(study, run);
  report.provenance = {{"data fingerprint", run.prices.fingerprint},
                       {"seed", fmt::format("{}", study.seed)},
                       {"orrery", std::string(kVersion)}};
  return report;
}

}  // namespace orrery
