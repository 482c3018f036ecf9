#include "orrery/app/run_folder.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/app/build_report.h"
#include "orrery/app/explanation_tables.h"
#include "orrery/app/fold_files.h"
#include "orrery/app/scores_table.h"
#include "orrery/app/search_trials.h"
#include "orrery/app/stored_run.h"
#include "orrery/app/study_regimes.h"
#include "orrery/app/version.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/process.h"
#include "orrery/base/threads.h"
#include "orrery/data/parquet.h"
#include "orrery/report/selection.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// What a fold chose by itself; `fold.json` has every trial.
Json search_json(const SearchReport& search) {
  const SearchTrial& chosen = search.trials[search.chosen];
  Json settings = Json::object();
  for (const auto& [name, value] : chosen.settings)
    std::visit([&, &key = name](const auto& plain) { settings[key] = plain; }, value);
  return {{"objective", search.objective},
          {"trials", search.trials.size()},
          {"chosen",
           {{"model", chosen.model},
            {"settings", settings},
            {"value", search.objective == "loss" ? chosen.loss : -chosen.loss}}}};
}

Json fold_json(const FoldReport& fold, const std::vector<Date>& dates) {
  const auto range = [&](RowRange rows) {
    return rows.empty() ? Json()
                        : Json::array({to_string(dates[rows.begin]), to_string(dates[rows.end - 1])});
  };
  Json json = {{"train", range(fold.used.train)},     {"valid", range(fold.used.valid)},
               {"test", range(fold.used.test)},       {"train_samples", fold.train_samples},
               {"valid_samples", fold.valid_samples}, {"test_samples", fold.test_samples},
               {"rounds", fold.fit.rounds},           {"best_round", fold.fit.best_round}};
  if (fold.fit.search) json["search"] = search_json(*fold.fit.search);
  if (fold.selection) json["selected"] = fold.selection->names();
  return json;
}

/// What of a lake was read: enough to read the same again.
Json lake_json(const LakeView& view, const PriceLoad& prices) {
  const auto moment = [](const std::optional<Timestamp>& at) { return at ? Json(to_string(*at)) : Json(); };
  const auto day = [](const std::optional<Date>& at) { return at ? Json(to_string(*at)) : Json(); };
  return {{"table", view.bars},
          {"as_of", moment(view.as_of)},
          {"committed_by", moment(view.committed_by)},
          {"from", day(view.first)},
          {"to", day(view.last)},
          {"symbols", view.symbols},
          {"versions", prices.table_versions}};
}

Json data_json(const Study& study, const PriceLoad& prices) {
  const auto& summary = prices.summary;
  Json json = {{"file", study.data.bars.empty() ? study.data.path.filename().string() : "bars"},
               {"fingerprint", prices.fingerprint},
               {"rows_read", summary.rows_read},
               {"rows_good", summary.rows_good},
               {"rows_quarantined", summary.rows_quarantined},
               {"quarantined", summary.quarantined},
               {"symbols", summary.symbols},
               {"sessions", summary.sessions},
               {"first_date", to_string(summary.first_date)},
               {"last_date", to_string(summary.last_date)},
               {"delivered_adjusted", summary.delivered_adjusted},
               {"extra_fields", summary.extra_fields},
               {"series_fields", summary.series_fields},
               {"ignored_columns", summary.ignored_columns}};
  if (study.lake) json["lake"] = lake_json(*study.lake, prices);
  return json;
}

/// The only part of a run that differs between two runs of the same study.
Json runtime_json(const Study& study, const StudyRun& run, const RunOptions& options) {
  Json paths = Json::object();
  for (const auto& [key, value] : study_paths(study)) paths[key] = Json::parse(value);
  Json seconds = Json::object();
  for (const auto& [stage, value] : run.timings.stages()) seconds[stage] = value;
  LibrarySeconds library = run.comparison_seconds;
  library += run.explanation.library_seconds;
  if (run.deviations) library += run.deviations->library_seconds;
  for (const auto& fold : run.walk.folds) {
    library += fold.library_seconds;
  }
  const double total = run.timings.seconds_since_start();
  return {
      {"finished", utc_time()},
      {"paths", paths},
      {"threads", resolve_threads(options.threads)},
      {"host", host_name()},
      {"peak_memory_bytes", peak_memory_bytes()},
      {"seconds_total", total},
      {"seconds_outside_model_library", total - library.total()},
      {"seconds", seconds},
      {"model_library_seconds",
       {{"binning", library.binning}, {"boosting", library.boosting}, {"prediction", library.prediction}}}};
}

std::string manifest_json(const Study& study, const StudyRun& run, const std::string& banner,
                          const std::string& model_source, const RunOptions& options) {
  Json folds = Json::array();
  for (const auto& fold : run.walk.folds) folds.push_back(fold_json(fold, run.prices.market.dates));
  const Json manifest = {{"name", study.name},
                         {"banner", banner},
                         {"study", study.yaml},
                         {"seed", study.seed},
                         {"trials", study.trials},
                         {"data", data_json(study, run.prices)},
                         {"factors", run.factor_names},
                         {"folds", folds},
                         {"versions", {{"orrery", kVersion}, {"model", model_source}}},
                         {"runtime", runtime_json(study, run, options)}};
  return manifest.dump(1) + "\n";
}

Table importance_table(const FitReport& fit) {
  std::vector<std::string> features;
  std::vector<double> gains;
  std::vector<double> splits;
  for (const auto& feature : fit.importance) {
    features.push_back(feature.feature);
    gains.push_back(feature.gain);
    splits.push_back(feature.split);
  }
  return {{{"feature", features}, {"gain", gains}, {"split", splits}}};
}

void write_models(const Study& study, const StudyRun& run, const std::filesystem::path& folder) {
  const std::string key = training_key(study);
  for (std::size_t i = 0; i < run.walk.models.size(); ++i) {
    const auto fold = folder / fmt::format("fold_{}", i + 1);
    std::filesystem::create_directories(fold);
    const FoldReport& report = run.walk.folds[i];
    write_fold_files(fold, {*run.walk.models[i], run.walk.preprocessors[i], report.selection, report.fit,
                            report.train_samples, report.valid_samples,
                            fold_dates(report.used, run.prices.market.dates), key});
    write_parquet(importance_table(report.fit), fold / "importance.parquet");
  }
}

/// One row an evaluated day; NaN where a day has too few pairs.
Table daily_ic_table(const SignalEvaluation& signal) {
  const std::vector<std::int64_t> pairs(signal.pairs.begin(), signal.pairs.end());
  return {
      {{"date", signal.dates}, {"ic", signal.ic.daily}, {"rank_ic", signal.rank_ic.daily}, {"pairs", pairs}}};
}

void write_tables(const Study& study, const StudyRun& run, const std::filesystem::path& folder) {
  const auto& market = run.prices.market;
  const auto& backtest = run.evaluation.backtest;
  write_parquet(long_table(market, {{"score", &run.walk.scores}, {"label", &run.label}}),
                folder / "predictions.parquet");
  const auto& intervals = run.evaluation.intervals;
  const Panel unknown =
      run.deviations ? Panel() : Panel(intervals.expected.rows(), intervals.expected.columns());
  write_parquet(long_table(market, {{"expected", &intervals.expected},
                                    {"lower", &intervals.lower},
                                    {"upper", &intervals.upper},
                                    {"deviation", run.deviations ? &run.deviations->values : &unknown}}),
                folder / "intervals.parquet");
  write_parquet(weights_table(backtest), folder / "weights.parquet");
  write_parquet(trades_table(backtest), folder / "trades.parquet");
  write_parquet(equity_table(backtest), folder / "equity.parquet");
  write_parquet(positions_table(backtest), folder / "positions.parquet");
  write_parquet(unfilled_table(backtest), folder / "unfilled.parquet");
  if (!market.currencies.empty()) {
    write_parquet(currencies_table(run.evaluation.currencies), folder / "currencies.parquet");
  }
  if (run.evaluation.regimes) {
    write_parquet(regimes_table(*study.regimes, *run.evaluation.regimes, market.dates),
                  folder / "regimes.parquet");
  }
  if (run.evaluation.without_ladder)
    write_parquet(risk_events_table(backtest), folder / "risk_events.parquet");
  if (study.backtest.order_checks) {
    write_parquet(order_checks_table(backtest), folder / "order_checks.parquet");
  }
  if (const auto& lots = run.evaluation.realised_lots) {
    write_parquet(realised_lots_table(backtest.symbols, *lots), folder / "realised_lots.parquet");
  }
  write_parquet(daily_ic_table(run.evaluation.signal), folder / "daily_ic.parquet");
  write_parquet(run.prices.quarantine, folder / "quarantine.parquet");
}

std::vector<FeatureSelection> selections_of(const WalkForwardResult& walk) {
  std::vector<FeatureSelection> selections;
  for (const auto& fold : walk.folds) {
    if (fold.selection) selections.push_back(*fold.selection);
  }
  return selections;
}

std::string model_source(const StudyRun& run) {
  return run.walk.models.empty() ? "" : run.walk.models.front()->describe().name;
}

}  // namespace

void check_run_folder(const std::filesystem::path& folder) {
  if (!std::filesystem::exists(folder) || std::filesystem::exists(folder / "manifest.json")) return;
  if (std::filesystem::is_directory(folder) && std::filesystem::is_empty(folder)) return;
  throw user_error(
      ErrorCode::kAlreadyExists,
      fmt::format("the output folder holds something that is no run; name another with --out: {}",
                  folder.string()));
}

RunSummary write_run_folder(const Study& study, StudyRun& run, const std::filesystem::path& folder,
                            const std::string& banner, const RunOptions& options) {
  check_run_folder(folder);
  RunSummary summary;
  summary.folder = folder;
  summary.report = folder / "report.html";
  summary.banner = banner;
  const auto& evaluation = run.evaluation;
  summary.metrics = flatten_metrics(&evaluation.signal, &evaluation.performance,
                                    evaluation.classification ? &*evaluation.classification : nullptr,
                                    &evaluation.trust, run.sources ? &*run.sources : nullptr);
  if (evaluation.uncalibrated) append_uncalibrated_metrics(*evaluation.uncalibrated, summary.metrics);
  append_selection_metrics(selections_of(run.walk), summary.metrics);
  for (std::size_t i = 0; i < run.walk.folds.size(); ++i) {
    if (run.walk.folds[i].fit.search) summary.choices.push_back(choice_text(run.walk.folds[i], i));
  }
  FolderTransaction transaction(folder, true);
  {
    const auto stage = run.timings.stage("write");
    const DeferredSync until_commit;
    write_tables(study, run, transaction.staging());
    write_file_atomically(transaction.staging() / "inputs.orrery", run.inputs.to_bytes());
    write_models(study, run, transaction.staging() / "models");
    write_explanation(run.explanation, run.prices.market, transaction.staging() / "explanation");
    write_file_atomically(transaction.staging() / "metrics.json", metrics_json(summary.metrics));
  }
  {
    const auto stage = run.timings.stage("report");
    write_file_atomically(transaction.staging() / "report.html",
                          render_study_report(build_study_report(study, run, banner)));
  }
  write_file_atomically(transaction.staging() / "manifest.json",
                        manifest_json(study, run, banner, model_source(run), options));
  transaction.commit();
  return summary;
}

}  // namespace orrery
