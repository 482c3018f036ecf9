#include "orrery/app/study_lookahead.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/app/study_label.h"
#include "orrery/app/study_regimes.h"

namespace orrery {
namespace {

/// Explicit folds are named by dates that cut data may not reach; those have not begun to test.
Study study_as_of(const Study& study, const MarketData& market) {
  Study known = study;
  auto& folds = known.validation.folds;
  const auto begins_later = [&](const FoldDates& fold) { return fold.test.first > market.dates.back(); };
  folds.erase(std::remove_if(folds.begin(), folds.end(), begins_later), folds.end());
  return known;
}

std::vector<DecidedWeight> decided_weights(const BacktestResult& result) {
  std::vector<DecidedWeight> weights;
  for (const auto& row : result.weights)
    weights.push_back({row.date, result.symbols[row.instrument], row.weight});
  return weights;
}

/// What each fold of a run on these inputs chooses; the same call as in walk_forward.
std::vector<std::vector<std::string>> chosen_by_fold(const Study& study, const StudyInputs& inputs,
                                                     const RunOptions& options) {
  const int purge_rows = resolve_purge(study.validation.purge, study.label.span_rows);
  const LearningData data{inputs.factors, inputs.label, inputs.label, inputs.eligible, inputs.label_ends};
  std::vector<std::vector<std::string>> chosen;
  for (const auto& fold : inputs.folds) {
    const Fold used = purges_by_touch(study) ? fold : purge_fold(fold, purge_rows);
    const Panel label = known_raw_label(data, used.train, {used.valid, used.test});
    chosen.push_back(
        select_features(inputs.factors, label, inputs.eligible, used.train, *study.selection, options.threads)
            .names());
  }
  return chosen;
}

}  // namespace

LookaheadSubject study_lookahead_subject(const Study& study, const Plugins& plugins,
                                         const RunOptions& options) {
  LookaheadSubject subject;
  subject.factors = [&study, options](const MarketData& market) {
    return study_factors(study, market, options);
  };
  subject.eligible = [&study](const MarketData& market) { return study_universe(study, market); };
  subject.folds = [&study](const MarketData& market) {
    return study_folds(study_as_of(study, market), market.dates);
  };
  if (study.selection) {
    subject.selection = [&study, options](const MarketData& market, const FactorFrame& factors,
                                          const MaskPanel& eligible, const std::vector<Fold>& folds) {
      const StudyLabel label = study_label(study, market, options.threads);
      return chosen_by_fold(study, {factors, label.values, eligible, folds, label_ends(study, label)},
                            options);
    };
  }
  subject.scores = [&study, &plugins, options](const MarketData& market, const FactorFrame& factors,
                                               const MaskPanel& eligible, const std::vector<Fold>& folds) {
    const StudyLabel label = study_label(study, market, options.threads);
    const StudyInputs inputs{factors, label.values, eligible, folds, label_ends(study, label)};
    return walk_study(study, plugins, inputs, options).scores;
  };
  subject.weights = [&study, &plugins, options](const MarketData& market, const Panel& scores) {
    const Panel forward_return = study_forward_return(study, market, options);
    const auto regimes = study_regimes(study, market);
    return decided_weights(trade_study_scores(study, plugins, {market, regimes ? &*regimes : nullptr}, scores,
                                              forward_return, 0.0));
  };
  return subject;
}

std::vector<std::string> unverifiable_inputs(const Study& study, const PriceSummary& summary) {
  std::vector<std::string> inputs;
  for (const auto& field : summary.extra_fields)
    inputs.push_back(fmt::format("price file, column {}", field));
  for (const auto& field : summary.series_fields)
    inputs.push_back(fmt::format("series {}: known when its file says so", field));
  for (const auto& file : study.factors.files)
    inputs.push_back(fmt::format("factor file {}", file.filename().string()));
  if (!study.universe.membership.empty()) {
    inputs.push_back(fmt::format("membership file {}", study.universe.membership.filename().string()));
  }
  if (!study.universe.lake_membership.empty()) {
    inputs.push_back(
        fmt::format("universe {} of the lake: as known on each day, where its known times are true",
                    study.universe.lake_membership));
  }
  if (study.data.adjustment == Adjustment::kBackward) {
    inputs.push_back("prices adjusted backward: each depends on later dividends and splits");
  }
  return inputs;
}

}  // namespace orrery
