#include "orrery/ml/walk_forward.h"

#include <fmt/format.h>

#include <utility>

#include "orrery/base/stopwatch.h"

namespace orrery {
namespace {

/// What every fold of one walk forward sees.
struct Study {
  LearningData data;
  const WalkForwardSpec& spec;
  const ModelEntry& entry;
  Progress& progress;
};

FittedFold fit_walked(const Study& study, std::size_t index, const Fold& used) {
  return fit_fold(
      study.data, study.spec, study.entry, fmt::format("fold {}", index + 1), {used.train, used.valid},
      used.test, study.progress,
      study.spec.store != nullptr ? study.spec.store->checkpoints(index) : std::filesystem::path());
}

FoldReport report_fold(const Fold& given, const Fold& used, const KeptFold& kept) {
  FoldReport report;
  report.given = given;
  report.used = used;
  report.train_samples = kept.fitted.train_samples;
  report.valid_samples = kept.fitted.valid_samples;
  report.test_samples = kept.scores.size();
  report.fit = kept.fitted.fit;
  report.selection = kept.fitted.selection;
  report.library_seconds = kept.fitted.fit.library_seconds;
  return report;
}

void run_fold(const Study& study, std::size_t index, WalkForwardResult& result) {
  const Stopwatch watch;
  const Fold& given = study.spec.folds[index];
  const Fold used = purges_by_cell(study.data, study.spec) ? given : purge_fold(given, study.spec.purge_rows);
  FoldStore* store = study.spec.store;
  auto found = store != nullptr ? store->find(index, used) : std::nullopt;
  const bool taken_up = found.has_value();
  KeptFold fold =
      taken_up ? std::move(*found) : KeptFold{fit_walked(study, index, used), used.test.begin, {}};
  const LibrarySeconds predicting = predict_fold(study.data, fold.fitted, {fold.scored_end, used.test.end},
                                                 study.spec.threads, fold.scores);
  place_scores(study.data.eligible, used.test, fold.scores, result.scores);
  if (store != nullptr) store->keep(index, used, fold.fitted, fold.scores);
  FoldReport report = report_fold(given, used, fold);
  report.library_seconds.prediction += predicting.prediction;
  report.taken_up = taken_up;
  report.seconds = watch.seconds();
  result.folds.push_back(std::move(report));
  if (!study.spec.keep_models) return;
  result.models.push_back(std::move(fold.fitted.model));
  result.preprocessors.push_back(std::move(fold.fitted.steps));
}

}  // namespace

WalkForwardResult walk_forward(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                               const WalkForwardSpec& spec, const ModelEntry& model, Progress& progress,
                               const RowPanel* label_ends) {
  validate_folds(spec.folds, eligible.rows());
  const Panel learned_label = preprocess_label(label, eligible, spec.preprocess.label);
  const Study study{{features, label, learned_label, eligible, label_ends}, spec, model, progress};
  WalkForwardResult result;
  result.scores = Panel(eligible.rows(), eligible.columns());
  for (std::size_t i = 0; i < spec.folds.size(); ++i) {
    progress.begin(fmt::format("fold {} of {}", i + 1, spec.folds.size()), 0);
    run_fold(study, i, result);
    progress.end();
  }
  return result;
}

}  // namespace orrery
