#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "orrery/app/input_digest.h"
#include "orrery/app/study.h"
#include "orrery/app/timings.h"
#include "orrery/app/trade_scores.h"
#include "orrery/backtest/backtest.h"
#include "orrery/backtest/currency_profits.h"
#include "orrery/backtest/performance.h"
#include "orrery/base/progress.h"
#include "orrery/data/prices.h"
#include "orrery/data/survivorship.h"
#include "orrery/factor/evaluation.h"
#include "orrery/ml/classification.h"
#include "orrery/ml/return_intervals.h"
#include "orrery/ml/walk_forward.h"
#include "orrery/report/explanation.h"
#include "orrery/report/return_sources.h"
#include "orrery/report/study_report.h"
#include "orrery/report/trust.h"

namespace orrery {

/// What is known about scores once they have been held against what followed, and traded.
struct ScoreEvaluation {
  SignalEvaluation signal;
  std::optional<ClassificationMetrics> classification;  ///< for labels of 0 and 1
  std::optional<ClassificationMetrics> uncalibrated;    ///< of what a calibrated model said before
  std::vector<PickReturn> pick_returns;                 ///< for gain labels
  ReturnIntervals intervals;                            ///< of the return that each score has been worth
  BacktestResult backtest;
  std::optional<BacktestResult> pessimistic;  ///< delistings of unknown reason at -30 %, where there were any
  Performance performance;
  Trust trust;
  std::vector<CurrencyDay> currencies;                    ///< of a market whose names are traded in several
  std::optional<std::vector<RealisedLot>> realised_lots;  ///< of the rule `wash_sales`, where it is asked for
  std::optional<RegimeHistory> regimes;                   ///< of a study with regimes, by row of the market
  std::optional<Performance> without_regimes;  ///< of the same scores and strategy, where it has regimes
  std::optional<Performance> without_ladder;   ///< of the same scores, where the study has a drawdown ladder
  std::optional<Performance> pessimistic_performance;
  std::vector<double> benchmark_returns;  ///< by session of the backtest
};

/// One fold's test cells with what each feature added to their scores.
struct ExplainedCells {
  std::vector<Sample> cells;
  std::vector<std::string> features;
  std::vector<double> contributions;  ///< as Model::contributions writes them
};

/// What a run's models look at; empty where nobody asked. See study_explanation.h.
struct StudyExplanation {
  std::optional<ModelExplanation> told;
  std::vector<ExplainedCells> cells;  ///< by fold; empty for a model that offers no contributions
  LibrarySeconds library_seconds;
};

/// What the models said of how unsure they are of their scores.
struct ScoreDeviations {
  DeviationMethod method;
  Panel values;  ///< by cell as the scores, in their unit; NaN: none
  LibrarySeconds library_seconds;
};

/// Everything that a run computed.
struct StudyRun {
  PriceLoad prices;
  Survivorship survivorship;
  MaskPanel eligible;
  std::vector<std::string> factor_names;
  InputDigest inputs;    ///< by which a later run sees what it can take up from this one
  Panel label;           ///< what the model learned
  Panel forward_return;  ///< raw return from the fill, what IC is measured against
  WalkForwardResult walk;
  StudyExplanation explanation;
  std::optional<ScoreDeviations> deviations;  ///< of models that say
  std::optional<Panel> uncalibrated_scores;   ///< of a calibrated model's own, by cell as walk.scores
  ScoreEvaluation evaluation;
  std::optional<ReturnSources> sources;
  LibrarySeconds comparison_seconds;  ///< in the model libraries for ridge and further seeds
  Timings timings;
};

/// What a walk forward learns from.
struct StudyInputs {
  const FactorFrame& factors;
  const Panel& label;
  const MaskPanel& eligible;
  std::vector<Fold> folds;
  const RowPanel* label_ends = nullptr;  ///< on which row each label is known, to purge by; null: by its span
};

/// A fold store that is told, before the first fold, what the folds are fitted on.
class StudyFoldStore : public FoldStore {
 public:
  virtual void begin(const PriceLoad& prices, const StudyInputs& inputs, const InputDigest& digest) = 0;
};

struct RunOptions {
  int threads = 0;  ///< 0: all cores; nothing but the time depends on it
  /// Told once the prices are read, before anything is computed from them.
  std::function<void(const PriceLoad&)> prices_read = nullptr;
  /// Told once own scores are placed on the market's axes, before they are judged.
  std::function<void(const PriceLoad&, const Panel& scores)> scores_read = nullptr;
  /// Asked at every stage, fold, boosting round and step of progress, from any thread; once it says true,
  /// run_study stops with kCancelled.
  std::function<bool()> cancelled = nullptr;
  StudyFoldStore* folds = nullptr;  ///< where finished folds are looked for and put away
};

/// Runs a study: read → universe → factors → label → walk-forward training → out-of-sample scores → backtest
/// → evaluation. Nothing is written. Errors: what the parts throw.
StudyRun run_study(const Study& study, const Plugins& plugins, const RunOptions& options,
                   Progress& progress = silent_progress());

/// What a run's models say of their scores besides; null where they don't.
struct ModelUncertainty {
  const Panel* deviations = nullptr;           ///< of score_deviations
  const ReturnIntervals* intervals = nullptr;  ///< of fold_intervals; without them score_intervals makes some
};

/// Trades and judges scores that were made elsewhere with the study's execution, portfolio and costs: the
/// same code as in a run. `scores` has the market's axes; `label` is empty or holds 0 and 1 for a gain label;
/// `told` reaches strategies that read it.
ScoreEvaluation evaluate_scores(const Study& study, const Plugins& plugins, const PriceLoad& prices,
                                const MaskPanel& eligible, const Panel& scores, const Panel& forward_return,
                                const Panel* events, const RunOptions& options,
                                Progress& progress = silent_progress(), const ModelUncertainty& told = {});

/// Scores of other models, made while the factors were there: see comparison_models.h.
struct ComparisonScores;

/// Trades simple scores and those of other models where the run has scores, for comparison: see baselines.h.
void add_baselines(const Study& study, const Plugins& plugins, const ComparisonScores& comparison,
                   const RunOptions& options, StudyRun& run, Progress& progress = silent_progress());

/// Reads the study's prices and marks its universe.
PriceLoad read_study_prices(const Study& study, const RunOptions& options, Progress& progress);
MaskPanel study_universe(const Study& study, const MarketData& market);

/// The study's factors, those of its factor files included.
FactorFrame study_factors(const Study& study, const MarketData& market, const RunOptions& options,
                          Progress& progress = silent_progress());

/// The study's folds on the given sessions, before purging. Errors: as walk_forward_folds, explicit_folds.
std::vector<Fold> study_folds(const Study& study, const std::vector<Date>& dates);

/// How the study makes a model, whatever rows it learns from.
FitSpec study_fit(const Study& study, int threads);

/// Fits the study's model fold by fold and predicts.
WalkForwardResult walk_study(const Study& study, const Plugins& plugins, const StudyInputs& inputs,
                             const RunOptions& options, Progress& progress = silent_progress());

/// Trades scores by the study's strategy, execution and costs, with the given return for names that vanish
/// without a known reason; `forward_return` and `uncertainty` as of trade_scores. Errors: kInvalidArgument
/// when no session has any score.
BacktestResult trade_study_scores(const Study& study, const Plugins& plugins, const TradedMarket& market,
                                  const Panel& scores, const Panel& forward_return,
                                  double unknown_delisting_return, Progress& progress = silent_progress(),
                                  const UncertaintyPanels* uncertainty = nullptr);

/// The raw return that a decision of each session earns in its first session after the fill.
Panel study_forward_return(const Study& study, const MarketData& market, const RunOptions& options);

}  // namespace orrery
