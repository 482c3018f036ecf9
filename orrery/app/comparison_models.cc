#include "orrery/app/comparison_models.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "orrery/app/trade_scores.h"
#include "orrery/base/named_progress.h"

namespace orrery {
namespace {

constexpr const char* kRidge = "ridge";
constexpr double kClip = 3.0;

bool bounds(const FeatureStep& step) {
  return step.kind == FeatureStep::Kind::kClip || step.kind == FeatureStep::Kind::kCrossRank;
}

/// Whether the steps leave neither missing nor infinite values, which ridge refuses.
bool leaves_numbers(const std::vector<FeatureStep>& steps) {
  return !steps.empty() && steps.back().kind == FeatureStep::Kind::kFillMissing &&
         std::any_of(steps.begin(), steps.end(), bounds);
}

/// The study with ridge for a model, its features without missing values.
Study ridge_study(const Study& study) {
  Study ridge = study;
  ridge.model = kRidge;
  ridge.model_parameters.clear();
  ridge.ensemble.reset();
  ridge.meta.reset();
  ridge.families.clear();
  ridge.tune.reset();
  ridge.calibration.reset();
  auto& steps = ridge.preprocess.features;
  if (!leaves_numbers(steps)) {
    steps = {{FeatureStep::Kind::kRobustZScore, 0.0},
             {FeatureStep::Kind::kClip, kClip},
             {FeatureStep::Kind::kFillMissing, 0.0}};
  }
  return ridge;
}

Panel walk_scores(const Study& study, const Plugins& plugins, const StudyInputs& inputs,
                  const RunOptions& options, Progress& progress, ComparisonScores& result) {
  WalkForwardResult walk = walk_study(study, plugins, inputs, options, progress);
  for (const FoldReport& fold : walk.folds) result.library_seconds += fold.library_seconds;
  return std::move(walk.scores);
}

/// The same inputs on other folds.
StudyInputs on_folds(const StudyInputs& inputs, std::vector<Fold> folds) {
  return {inputs.factors, inputs.label, inputs.eligible, std::move(folds), inputs.label_ends};
}

/// Takes the fold with the longest training span out of `folds`: on it a seed has the most to decide.
Fold take_longest(std::vector<Fold>& folds) {
  const auto longest = std::max_element(folds.begin(), folds.end(), [](const Fold& a, const Fold& b) {
    return a.train.size() < b.train.size();
  });
  const Fold fold = *longest;
  folds.erase(longest);
  return fold;
}

/// Whether `some` has the scores of `all` to the bit wherever it has any.
bool same_where_scored(const Panel& some, const Panel& all) {
  for (std::size_t row = 0; row < some.rows(); ++row) {
    for (std::size_t i = 0; i < some.columns(); ++i) {
      if (!std::isnan(some(row, i)) && some(row, i) != all(row, i)) return false;
    }
  }
  return true;
}

void copy_scores(const Panel& from, Panel& to) {
  for (std::size_t row = 0; row < from.rows(); ++row) {
    for (std::size_t i = 0; i < from.columns(); ++i) {
      if (!std::isnan(from(row, i))) to(row, i) = from(row, i);
    }
  }
}

void add_seeds(const Study& study, const Plugins& plugins, const StudyInputs& inputs, const Panel& own_scores,
               const RunOptions& options, Progress& progress, ComparisonScores& result) {
  std::vector<Fold> others = inputs.folds;
  const std::vector<Fold> longest = {take_longest(others)};
  Study varied = study;
  for (int k = 1; k < study.seeds; ++k) {
    NamedProgress named(fmt::format("seed {} of {}", k + 1, study.seeds), progress);
    varied.seed = study.seed + static_cast<std::uint64_t>(k);
    Panel scores = walk_scores(varied, plugins, on_folds(inputs, longest), options, named, result);
    if (k == 1 && same_where_scored(scores, own_scores)) {
      result.model_depends_on_seed = false;
      return;
    }
    if (!others.empty())
      copy_scores(walk_scores(varied, plugins, on_folds(inputs, others), options, named, result), scores);
    result.seeds.push_back({varied.seed, std::move(scores)});
  }
}

SeedResult judge_seed(const Study& study, const Plugins& plugins, const StudyRun& run, const SeedScores& seed,
                      const RunOptions& options) {
  SignalEvaluationOptions signal_options;
  signal_options.threads = options.threads;
  const MarketData& market = run.prices.market;
  const double periods = run.prices.calendar.sessions_per_year();
  const auto signal = evaluate_signal(seed.scores, run.forward_return, market.dates, signal_options);
  const auto& regimes = run.evaluation.regimes;
  const auto traded = trade_scores(study, plugins, {market, regimes ? &*regimes : nullptr}, seed.scores,
                                   scored_rows(run.walk.scores), run.forward_return, 0.0);
  const auto series = series_of(traded, study.cash_rate, periods);
  const auto performance = measure_performance(series.inputs(run.evaluation.benchmark_returns, periods));
  return {seed.seed, signal.ic.mean, signal.rank_ic.mean, performance.annual_return, performance.sharpe};
}

}  // namespace

ComparisonScores score_comparisons(const Study& study, const Plugins& plugins, const StudyInputs& inputs,
                                   const Panel& own_scores, const RunOptions& options, Progress& progress) {
  ComparisonScores result;
  if (study.model != kRidge && plugins.models.find(kRidge) != nullptr) {
    NamedProgress named(kRidge, progress);
    result.ridge = walk_scores(ridge_study(study), plugins, inputs, options, named, result);
  }
  if (study.seeds > 1) add_seeds(study, plugins, inputs, own_scores, options, progress, result);
  return result;
}

std::optional<SeedSpread> measure_seeds(const Study& study, const Plugins& plugins, const StudyRun& run,
                                        const ComparisonScores& comparison, const RunOptions& options) {
  if (study.seeds <= 1) return std::nullopt;
  SeedSpread spread;
  spread.model_depends_on_seed = comparison.model_depends_on_seed;
  const auto& own = run.evaluation;
  spread.results.push_back({study.seed, own.signal.ic.mean, own.signal.rank_ic.mean,
                            own.performance.annual_return, own.performance.sharpe});
  for (const SeedScores& seed : comparison.seeds)
    spread.results.push_back(judge_seed(study, plugins, run, seed, options));
  return spread;
}

}  // namespace orrery
