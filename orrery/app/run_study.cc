#include "orrery/app/run_study.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/app/baselines.h"
#include "orrery/app/comparison_models.h"
#include "orrery/app/fold_importance.h"
#include "orrery/app/fold_intervals.h"
#include "orrery/app/pick_returns.h"
#include "orrery/app/return_sources.h"
#include "orrery/app/score_deviations.h"
#include "orrery/app/score_intervals.h"
#include "orrery/app/scores_table.h"
#include "orrery/app/study_explanation.h"
#include "orrery/app/study_label.h"
#include "orrery/app/study_members.h"
#include "orrery/app/study_model.h"
#include "orrery/app/study_regimes.h"
#include "orrery/app/study_robustness.h"
#include "orrery/app/study_survivorship.h"
#include "orrery/app/trade_scores.h"
#include "orrery/app/uncalibrated_scores.h"
#include "orrery/app/universe.h"
#include "orrery/backtest/backtest_setup.h"
#include "orrery/base/cancellable_progress.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/lake_membership.h"
#include "orrery/data/lake/lake_prices.h"
#include "orrery/factor/sector_neutral.h"
#include "orrery/ml/outcome_bootstrap.h"

namespace orrery {
namespace {

constexpr double kPessimisticDelistingReturn = -0.30;
constexpr int kReliabilityBins = 10;
constexpr int kDeviationGroups = 5;
constexpr int kOutcomeDraws = 4000;  ///< a 5 % quantile is then known to within a third of a percent of them
const std::vector<int> kPicks = {1, 5, 10, 50};

Panel compute_return(const FactorDefinition& definition, const MarketData& market, Precision precision,
                     const RunOptions& options) {
  FactorOptions factor_options;
  factor_options.precision = precision;
  factor_options.allow_future = true;
  factor_options.threads = options.threads;
  return compute_expression(definition, market, factor_options);
}

WalkForwardSpec walk_spec(const Study& study, std::vector<Fold> folds, const RunOptions& options) {
  WalkForwardSpec spec;
  static_cast<FitSpec&>(spec) = study_fit(study, options.threads);
  spec.folds = std::move(folds);
  spec.store = options.folds;
  return spec;
}

/// What a year of sessions like the traded ones could bring.
OutcomePaths year_outcomes(const PerformanceInputs& inputs, std::uint64_t seed) {
  BlockBootstrapOptions options;
  options.draws = kOutcomeDraws;
  options.seed = seed;
  return bootstrap_outcomes(inputs.net_returns, static_cast<int>(std::lround(inputs.periods_per_year)),
                            options);
}

std::vector<double> benchmark_of(const BacktestResult& result, const MarketData& market,
                                 const std::vector<double>& universe_returns) {
  std::vector<double> returns;
  for (const auto& day : result.daily) returns.push_back(universe_returns[market.lower_row(day.date)]);
  return returns;
}

/// Models fitted for comparison alone are neither put away nor taken for the study's own.
RunOptions without_store(RunOptions options) {
  options.folds = nullptr;
  return options;
}

std::optional<DeviationJudgement> judge_deviations(const StudyRun& run) {
  if (!run.deviations) return std::nullopt;
  return DeviationJudgement{
      run.deviations->method.name, run.deviations->method.includes_noise,
      deviation_skill(run.walk.scores, run.deviations->values, run.forward_return, kDeviationGroups)};
}

SignalEvaluation judge_signal(const Study& study, const MarketData& market, const Panel& scores,
                              const Panel& forward_return, const RunOptions& options) {
  SignalEvaluationOptions signal_options;
  signal_options.threads = options.threads;
  SignalEvaluation signal = evaluate_signal(scores, forward_return, market.dates, signal_options);
  signal.decay =
      evaluate_decay(scores, market.field("close"), study.backtest.delay, default_horizons(), signal_options);
  const auto& sectors = market.sectors;
  if (std::any_of(sectors.begin(), sectors.end(), [](const auto& sector) { return !sector.empty(); }))
    signal.sector_neutral = evaluate_within_sectors(scores, forward_return, sectors, signal_options);
  return signal;
}

}  // namespace

PriceLoad read_study_prices(const Study& study, const RunOptions& options, Progress& progress) {
  PriceSource source = study.data;
  source.threads = options.threads;
  PriceLoad load =
      study.lake ? load_lake_prices(*study.lake, source, progress) : load_prices(source, progress);
  if (study.backtest.ladder) check_ladder_symbols(*study.backtest.ladder, load.market.symbols);
  check_regime_symbol(study, load.market);
  check_borrow_symbols(load.market, study.backtest);
  if (study.backtest.order_checks) study.backtest.order_checks(load.market.symbols);  // refuses unknown ones
  if (!study.lake) return load;
  if (const auto version = members_version(study)) load.table_versions[kMembershipTable] = *version;
  return load;
}

MaskPanel study_universe(const Study& study, const MarketData& market) {
  const auto members = universe_members(study);
  if (members.source.empty()) return eligible_cells(market, study.universe, nullptr);
  const auto membership = membership_mask(members.intervals, market);
  return eligible_cells(market, study.universe, &membership.member);
}

FactorFrame study_factors(const Study& study, const MarketData& market, const RunOptions& options,
                          Progress& progress) {
  FactorOptions factor_options;
  factor_options.precision = study.factors.precision;
  factor_options.threads = options.threads;
  FactorFrame factors = compute_factors(study.factors.definitions, market, factor_options, progress);
  for (const auto& file : study.factors.files) append_factor_file(file, market, factors);
  require_named_factors(study, factors.names);
  return factors;
}

std::vector<Fold> study_folds(const Study& study, const std::vector<Date>& dates) {
  const auto& validation = study.validation;
  if (!validation.folds.empty()) return explicit_folds(dates, validation.folds);
  return walk_forward_folds(dates, validation.train, validation.valid, validation.test);
}

FitSpec study_fit(const Study& study, int threads) {
  FitSpec spec;
  spec.selection = study.selection;
  spec.preprocess = study.preprocess;
  spec.parameters = study.model_parameters;
  spec.seed = study.seed;
  spec.threads = threads;
  spec.purge_rows = resolve_purge(study.validation.purge, study.label.span_rows);
  spec.weights = study.weights;
  spec.label_entry_rows = study.label.entry_rows;
  spec.label_span_rows = study.label.span_rows;
  spec.drops_whole_rows = !purges_by_touch(study);
  return spec;
}

WalkForwardResult walk_study(const Study& study, const Plugins& plugins, const StudyInputs& inputs,
                             const RunOptions& options, Progress& progress) {
  return walk_forward(inputs.factors, inputs.label, inputs.eligible, walk_spec(study, inputs.folds, options),
                      study_model(study, plugins), progress, inputs.label_ends);
}

BacktestResult trade_study_scores(const Study& study, const Plugins& plugins, const TradedMarket& market,
                                  const Panel& scores, const Panel& forward_return,
                                  double unknown_delisting_return, Progress& progress,
                                  const UncertaintyPanels* uncertainty) {
  return trade_scores(study, plugins, market, scores, scored_rows(scores), forward_return,
                      unknown_delisting_return, progress, uncertainty);
}

Panel study_forward_return(const Study& study, const MarketData& market, const RunOptions& options) {
  const bool own = !study.label.expression.expression.empty();
  const auto fallback = default_label_expression(fill_price_name(study.backtest.price), study.backtest.delay);
  return compute_return({"return", own ? study.label.expression.expression : fallback}, market,
                        Precision::kFloat64, options);
}

ScoreEvaluation evaluate_scores(const Study& study, const Plugins& plugins, const PriceLoad& prices,
                                const MaskPanel& eligible, const Panel& scores, const Panel& forward_return,
                                const Panel* events, const RunOptions& options, Progress& progress,
                                const ModelUncertainty& told) {
  const MarketData& market = prices.market;
  const double periods_per_year = prices.calendar.sessions_per_year();
  ScoreEvaluation result;
  result.signal = judge_signal(study, market, scores, forward_return, options);
  if (events != nullptr)
    result.classification = classification_metrics(scores, *events, kPicks, kReliabilityBins);
  if (events != nullptr && study.label.gain) {
    result.pick_returns =
        gain_pick_returns(scores, market.field(fill_price_name(study.backtest.price)), market.field("close"),
                          *study.label.gain, study.backtest.costs, kPicks);
  }
  result.intervals = told.intervals != nullptr
                         ? *told.intervals
                         : score_intervals(study, market, scores, forward_return, options.threads);
  const UncertaintyPanels uncertainty = panels_of(result.intervals, told.deviations);
  result.regimes = study_regimes(study, market);
  const TradedMarket traded_market{market, result.regimes ? &*result.regimes : nullptr};
  result.backtest =
      trade_study_scores(study, plugins, traded_market, scores, forward_return, 0.0, progress, &uncertainty);
  result.currencies = currency_profits(result.backtest, market);
  const auto universe_returns = equal_weight_returns(market, eligible);
  result.benchmark_returns = benchmark_of(result.backtest, market, universe_returns);
  const BacktestSeries series = series_of(result.backtest, study.cash_rate, periods_per_year);
  const PerformanceInputs inputs = series.inputs(result.benchmark_returns, periods_per_year);
  result.performance = measure_performance(inputs);
  const auto measure_beside = [&](const BacktestResult& traded) {
    return measure_performance(series_of(traded, study.cash_rate, periods_per_year)
                                   .inputs(result.benchmark_returns, periods_per_year));
  };
  result.trust = measure_trust(result.signal, result.performance, inputs, study.trials);
  result.trust.by_time = measure_by_time({result.signal, inputs, market.dates, universe_returns});
  result.trust.outcomes = year_outcomes(inputs, study.seed);
  result.trust.intervals = interval_coverage(result.intervals, study.intervals, market.dates);
  if (study.backtest.ladder) {
    Study bare = study;
    bare.backtest.ladder.reset();
    const auto traded =
        trade_study_scores(bare, plugins, traded_market, scores, forward_return, 0.0, progress, &uncertainty);
    result.without_ladder = measure_beside(traded);
  }
  if (study.regimes) {
    Study bare = study;
    bare.regimes.reset();
    const auto traded = trade_study_scores(bare, plugins, {market, nullptr}, scores, forward_return, 0.0,
                                           progress, &uncertainty);
    result.without_regimes = measure_beside(traded);
  }
  if (const auto settings = wash_sale_settings(study.compliance, plugins.rules, market.symbols)) {
    WashSaleBook book(*settings);
    for (const JournalEntry& entry : result.backtest.journal) {
      if (entry.instrument != kNoInstrument) book.book(entry);
    }
    result.realised_lots = book.lots().realised();
  }
  if (result.backtest.unknown_delistings) {
    result.pessimistic = trade_study_scores(study, plugins, traded_market, scores, forward_return,
                                            kPessimisticDelistingReturn, progress, &uncertainty);
    result.pessimistic_performance = measure_beside(*result.pessimistic);
  }
  return result;
}

void add_baselines(const Study& study, const Plugins& plugins, const ComparisonScores& comparison,
                   const RunOptions& options, StudyRun& run, Progress& progress) {
  run.evaluation.trust.baselines = measure_baselines(
      {study, plugins, run.prices, run.walk.scores, run.forward_return, run.evaluation.performance,
       run.evaluation.benchmark_returns, run.evaluation.regimes ? &*run.evaluation.regimes : nullptr,
       comparison.ridge ? &*comparison.ridge : nullptr, options.threads},
      progress);
  run.evaluation.trust.seeds = measure_seeds(study, plugins, run, comparison, options);
}

StudyRun run_study(const Study& study, const Plugins& plugins, const RunOptions& options, Progress& told) {
  CancellableProgress progress(told, options.cancelled);
  StudyRun run;
  const auto factor_returns = read_attribution_factors(study);
  {
    const auto stage = run.timings.stage("read");
    run.prices = read_study_prices(study, options, progress);
  }
  if (options.prices_read) options.prices_read(run.prices);
  const MarketData& market = run.prices.market;
  {
    const auto stage = run.timings.stage("universe");
    run.eligible = study_universe(study, market);
    run.survivorship = study_survivorship(study, market);
  }
  check_interval_folds(study, study_folds(study, market.dates));
  ComparisonScores comparison;
  std::optional<Robustness> robustness;
  std::optional<ReturnIntervals> intervals;
  {
    FactorFrame factors;
    StudyLabel label;
    {
      const auto stage = run.timings.stage("factors");
      factors = study_factors(study, market, options, progress);
      run.factor_names = factors.names;
    }
    {
      const auto stage = run.timings.stage("label");
      label = study_label(study, market, options.threads);
      run.forward_return = study_forward_return(study, market, options);
    }
    const StudyInputs inputs{factors, label.values, run.eligible, study_folds(study, market.dates),
                             label_ends(study, label)};
    {
      const auto stage = run.timings.stage("fingerprint");
      run.inputs = digest_inputs(market, run.eligible, factors, study.factors.definitions.size(),
                                 options.threads, study.label.barriers.has_value());
      if (options.folds != nullptr) options.folds->begin(run.prices, inputs, run.inputs);
    }
    {
      const auto stage = run.timings.stage("train and predict");
      run.walk = walk_study(study, plugins, inputs, options, progress);
      require_deviations(study, plugins, run.walk);
    }
    {
      const auto stage = run.timings.stage("explain");
      run.explanation = explain_models({study, inputs, run.walk, run.forward_return}, options, progress);
    }
    {
      const auto stage = run.timings.stage("train and predict");
      run.deviations = score_deviations(inputs, run.walk, options.threads);
      intervals =
          fold_intervals(study, plugins, inputs, run.walk, market, run.forward_return, options, progress);
    }
    if (study.calibration) {
      const auto stage = run.timings.stage("train and predict");
      run.uncalibrated_scores = uncalibrated_scores(inputs, run.walk, options.threads);
    }
    if (study.robustness) {
      const auto stage = run.timings.stage("robustness");
      robustness =
          measure_robustness({study, plugins, run.prices, inputs, run.forward_return}, options, progress);
    }
    if (study.baselines) {
      const auto stage = run.timings.stage("other models and seeds");
      comparison =
          score_comparisons(study, plugins, inputs, run.walk.scores, without_store(options), progress);
      run.comparison_seconds = comparison.library_seconds;
    }
    run.label = std::move(label.values);
  }
  {
    const auto stage = run.timings.stage("backtest and evaluate");
    run.evaluation = evaluate_scores(
        study, plugins, run.prices, run.eligible, run.walk.scores, run.forward_return,
        study.label.is_event() ? &run.label : nullptr, options, progress,
        {run.deviations ? &run.deviations->values : nullptr, intervals ? &*intervals : nullptr});
    if (run.uncalibrated_scores) {
      run.evaluation.uncalibrated =
          classification_metrics(*run.uncalibrated_scores, run.label, kPicks, kReliabilityBins);
    }
    if (robustness) robustness->walk_forward = walk_forward_path(study, run.evaluation);
    run.evaluation.trust.robustness = std::move(robustness);
    run.evaluation.trust.deviations = judge_deviations(run);
    run.evaluation.trust.survivorship = run.survivorship;
    run.evaluation.trust.importance = compare_fold_importances(run.walk.folds);
    run.sources = explain_returns(study, run, factor_returns);
  }
  if (study.baselines) {
    const auto stage = run.timings.stage("baselines");
    add_baselines(study, plugins, comparison, options, run, progress);
  }
  return run;
}

}  // namespace orrery
