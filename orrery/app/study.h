#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/app/plugins.h"
#include "orrery/app/study_compliance.h"
#include "orrery/backtest/backtest.h"
#include "orrery/base/config.h"
#include "orrery/base/parameters.h"
#include "orrery/data/factor_returns.h"
#include "orrery/data/lake/lake_view.h"
#include "orrery/data/prices.h"
#include "orrery/execution/pretrade_checks.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"
#include "orrery/ml/calibrated_model.h"
#include "orrery/ml/drift_checks.h"
#include "orrery/ml/feature_selection.h"
#include "orrery/ml/folds.h"
#include "orrery/ml/gain_label.h"
#include "orrery/ml/preprocess.h"
#include "orrery/ml/sample_weights.h"
#include "orrery/ml/triple_barrier.h"
#include "orrery/ml/tuning/search_space.h"
#include "orrery/portfolio/position_sizing.h"
#include "orrery/risk/regimes.h"

namespace orrery {

/// Which bars may be learned from and traded. Every rule of session t looks at sessions <= t only.
struct UniverseRules {
  int min_history = 0;             ///< bars a symbol must have had, the day's included
  double min_price = 0.0;          ///< raw close, in the currency of the data
  double min_dollar_volume = 0.0;  ///< mean of raw close × raw volume over the last 20 sessions
  /// Sessions without a bar between a symbol's first and last one belong too, as in qlib: their factors are
  /// what the sessions before say. Nothing trades on them.
  bool include_halted = false;
  std::filesystem::path membership;  ///< optional file of intervals
  std::string lake_membership;       ///< or a universe of the study's lake, as known on each day; "": none

  bool holds_members() const { return !membership.empty() || !lake_membership.empty(); }
};

struct FactorChoice {
  std::string set;                            ///< name of a factor set, "" for none
  std::vector<FactorDefinition> definitions;  ///< the set's factors, then the extra ones
  std::vector<std::filesystem::path> files;   ///< Parquet files with `date, symbol` and factor columns
  Precision precision = Precision::kFloat32;
};

/// Barriers, and the factor that they are multiples of; no expression: they are returns.
struct TripleBarrierChoice : TripleBarrier {
  FactorDefinition width;
};

/// What is learned: an expression over future prices, a gain within some sessions, or which barrier is
/// touched first.
struct LabelChoice {
  FactorDefinition expression;  ///< empty text when another kind is set
  std::optional<GainLabel> gain;
  std::optional<TripleBarrierChoice> barriers;
  int span_rows = 0;  ///< rows after t that the label of row t depends on at most
  int entry_rows =
      0;  ///< rows after t whose returns are not yet part of the label; 0 where that is not known

  /// Whether the label is 0 or 1.
  bool is_event() const {
    return gain.has_value() || (barriers && barriers->value == TripleBarrier::Value::kProfit);
  }
};

/// A model by its name.
struct ModelChoice {
  std::string name;
  ParameterMap parameters;
};

/// One model of an ensemble.
struct MemberChoice : ModelChoice {
  std::vector<std::string> features;  ///< names or patterns; empty: all
  int seeds = 1;
};

/// Models that predict together. The ensemble's own settings are the study's model_parameters.
struct EnsembleChoice {
  std::vector<MemberChoice> members;
  ModelChoice final_model;  ///< of stacking
};

/// A model that takes sides, and one that says how likely each is right. The settings of the two together are
/// the study's model_parameters.
struct MetaChoice {
  ModelChoice primary, secondary;
};

/// A family that `model: auto` chooses from.
struct FamilyChoice : ModelChoice {
  SearchSpace space;  ///< what is searched for; empty: only its settings as they are
};

struct ValidationChoice {
  Period train, valid, test;     ///< of the walk-forward scheme
  std::vector<FoldDates> folds;  ///< given explicitly; empty: laid by the periods
  Purge purge;
};

/// A cross-validation beside the walk forward, for its spread alone.
struct RobustnessChoice {
  int folds = 6;
  int test_folds = 2;               ///< 1: purged k-fold
  std::optional<int> embargo_rows;  ///< absent: default_embargo
};

/// What a run's models are asked about themselves; see study_explanation.h.
struct ExplanationChoice {
  bool wanted = true;
  bool by_default = true;  ///< the study says nothing of it
  int samples = 500;       ///< test cells a fold
  bool permutation = false;
  bool partial_dependence = true;
  int top = 9;        ///< features that are shuffled and varied
  int repeats = 5;    ///< shuffles of each
  int sessions = 20;  ///< of a fold's test span that are shuffled
};

/// What intervals are made from.
enum class IntervalMethod : std::uint8_t {
  kAdaptive,   ///< from the scores' own past, session by session (return_intervals)
  kSplit,      ///< around the scores, from each fold's validation sessions (fold_intervals)
  kQuantiles,  ///< between two learned quantiles, from the same
};

/// How sure the report is of each score.
struct IntervalChoice {
  double coverage = 0.9;
  IntervalMethod method = IntervalMethod::kAdaptive;
  int window = 250;   ///< of kAdaptive: sessions that an interval learns from, at most
  ModelChoice model;  ///< of kQuantiles
};

/// What `orrery tune` searches for, and a run where it is nested.
struct TuneChoice {
  SearchSpace space;
  int trials = 50;       ///< failed ones apart
  double minutes = 0.0;  ///< 0: no limit
  std::string sampler = "tpe";
  std::string pruner = "median";
  std::string objective = "rank_ic";  ///< of the inner validation: rank_ic, ic or loss
  int folds = 4;                      ///< inner ones
  bool nested = false;                ///< a run searches anew in every fold, on its training span alone
};

/// A strategy by its name, with its settings.
struct StrategyChoice {
  std::string name = "topk_dropout";
  ParameterMap parameters;
};

/// What is done in a regime.
struct RegimeTreatment {
  double gross = 1.0;                      ///< every weight is multiplied by it
  std::optional<StrategyChoice> strategy;  ///< absent: the study's own decides
};

/// Regimes of the market that gate what is held.
struct RegimeChoice {
  RegimeSettings settings;
  std::vector<RegimeTreatment> treatments;  ///< by state
};

/// What the result is held against afterwards; nothing is learned from it.
struct AttributionChoice {
  std::filesystem::path factors;  ///< optional file of factor returns
  ReturnUnit unit = ReturnUnit::kAutomatic;
};

struct Study;
/// Whether the study's model chooses settings by itself in every fit.
bool searches_settings(const Study& study);

/// A whole study: everything that a run depends on. See docs/study.md for the keys.
struct Study {
  std::string name;
  std::string yaml;  ///< the study as it was run, overrides included
  PriceSource data;
  std::optional<LakeView> lake;            ///< where the bars come from instead of a file
  std::filesystem::path index_membership;  ///< optional intervals that only the trust box reads
  std::string lake_index_membership;       ///< or a universe of the study's lake; "": none
  UniverseRules universe;
  FactorChoice factors;
  LabelChoice label;
  WeightSpec weights;
  std::optional<SelectionSpec> selection;  ///< absent: the model sees every factor
  PreprocessSpec preprocess;
  std::string model;
  ParameterMap model_parameters;
  std::optional<CalibrationSpec> calibration;  ///< absent: probabilities as the model says them
  std::optional<EnsembleChoice> ensemble;      ///< present when `model` is kEnsemble
  std::optional<MetaChoice> meta;              ///< present when `model` is kMeta
  std::vector<FamilyChoice> families;          ///< of `model` kAuto; else empty
  ValidationChoice validation;
  std::optional<RobustnessChoice> robustness;  ///< absent: not asked for
  ExplanationChoice explanation;
  std::optional<TuneChoice> tune;  ///< absent: nothing to search for
  IntervalChoice intervals;
  DriftThresholds monitor;  ///< of `orrery monitor`; a run ignores them
  std::string strategy;
  ParameterMap strategy_parameters;
  std::optional<SizingSettings> sizing;    ///< absent: weights are the strategy's
  std::optional<RegimeChoice> regimes;     ///< absent: weights are those of the strategy at all times
  std::optional<PretradeSettings> checks;  ///< absent: orders are held against nothing
  std::optional<ComplianceChoice> compliance;
  BacktestConfig backtest;
  bool unknown_delistings_twice = true;  ///< run also with the pessimistic return
  double cash_rate = 0.0;                ///< annual rate that the Sharpe ratio is measured over
  bool baselines = true;                 ///< trade simple and random scores for comparison
  int seeds = 5;  ///< seeds that the model is fitted with, the study's own included; 1: no spread
  AttributionChoice attribution;
  double impact_coefficient = 1.0;  ///< of the square-root law that capacity is measured by
  std::uint64_t seed = 7;
  int trials = 1;  ///< how many variants were tried, this one included, told by the author
};

/// Keys put over the file, as `--set key=value` gives them.
using StudyOverrides = std::vector<std::pair<std::string, std::string>>;

/// Reads and validates a study file as a whole, without touching the data it names. "-" is standard input,
/// with relative paths starting at the current folder. Errors: kNotFound for the file; kInvalidArgument with
/// one line a problem: file, line, column, key, what was found, what is allowed, the nearest spelling.
Study read_study(const std::filesystem::path& file, const StudyOverrides& overrides, const Plugins& plugins);

/// The same from YAML text; `source` names it in messages and is the base of relative paths.
Study parse_study(const std::string& text, const std::string& source, const StudyOverrides& overrides,
                  const Plugins& plugins);

/// The expression whose value is what a decision made after the close of t earns in its first session:
/// bought at t + delay, valued one session later, at the fill's price.
std::string default_label_expression(const std::string& price, int delay);

/// True when the expression's entry is the fill: Ref($price,-(delay+h))/Ref($price,-delay)-1 for some h >= 1.
bool label_matches_fills(const std::string& expression, const std::string& price, int delay);

}  // namespace orrery
