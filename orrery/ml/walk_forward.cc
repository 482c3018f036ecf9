#include "orrery/ml/walk_forward.h"

#include <fmt/format.h>

#include <span>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/ml/dataset.h"

namespace orrery {
namespace {

/// What every fold of one walk forward sees.
struct Study {
  const FactorFrame& features;
  const Panel& raw_label;
  const Panel& label;  ///< after the label step
  const MaskPanel& eligible;
  const WalkForwardSpec& spec;
  const ModelEntry& entry;
  Progress& progress;
};

Error no_samples(std::size_t fold, std::string_view segment, RowRange rows) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("fold {}: no sample to {} on in rows {} to {}",
                                                             fold + 1, segment, rows.begin, rows.end));
}

FeatureView chosen_features(const Study& study, const FittedFold& fold) {
  if (!fold.selection) return study.features;
  return {study.features, chosen_positions(*fold.selection, study.features)};
}

void fit_model(const Study& study, std::size_t index, const Fold& used, const FeatureView& features,
               FittedFold& fold) {
  const Dataset train(features, fold.steps, study.eligible, used.train, &study.label);
  const Dataset valid(features, fold.steps, study.eligible, used.valid, &study.label);
  fold.train_samples = train.size();
  fold.valid_samples = valid.size();
  if (train.size() == 0) throw no_samples(index, "train", used.train);
  if (valid.size() == 0 && !used.valid.empty()) throw no_samples(index, "validate", used.valid);
  const FitContext context{study.spec.seed, study.spec.threads, study.progress};
  fold.fit = fold.model->fit(train, valid.size() > 0 ? &valid : nullptr, context);
}

FittedFold fit_fold(const Study& study, std::size_t index, const Fold& used) {
  const auto& spec = study.spec;
  FittedFold fold;
  if (spec.selection) {
    fold.selection = select_features(study.features, study.raw_label, study.eligible, used.train,
                                     *spec.selection, spec.threads);
  }
  const FeatureView features = chosen_features(study, fold);
  fold.steps = fit_features(features, study.eligible, used.train, spec.preprocess.features, spec.threads);
  fold.model = make_model(study.entry, spec.parameters);
  fit_model(study, index, used, features, fold);
  return fold;
}

/// Adds the scores of the test rows from `kept.scored_end` on.
LibrarySeconds predict_rest(const Study& study, const Fold& used, KeptFold& kept) {
  const Dataset rest(chosen_features(study, kept.fitted), kept.fitted.steps, study.eligible,
                     {kept.scored_end, used.test.end});
  const std::size_t known = kept.scores.size();
  kept.scores.resize(known + rest.size());
  return kept.fitted.model->predict(rest, std::span<double>(kept.scores).subspan(known), study.spec.threads)
      .library_seconds;
}

/// Puts scores at the eligible cells of the test rows, by session, then symbol.
void place_scores(const Study& study, RowRange rows, const std::vector<double>& scores, Panel& placed) {
  std::size_t next = 0;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < study.eligible.columns(); ++i) {
      if (study.eligible(row, i) == 0) continue;
      if (next == scores.size()) throw internal_error("a kept fold has fewer scores than test samples");
      placed(row, i) = scores[next++];
    }
  }
  if (next != scores.size()) throw internal_error("a kept fold has more scores than test samples");
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
  const Fold used = purge_fold(given, study.spec.purge_rows);
  FoldStore* store = study.spec.store;
  auto found = store != nullptr ? store->find(index, used) : std::nullopt;
  const bool taken_up = found.has_value();
  KeptFold fold = taken_up ? std::move(*found) : KeptFold{fit_fold(study, index, used), used.test.begin, {}};
  const LibrarySeconds predicting = predict_rest(study, used, fold);
  place_scores(study, used.test, fold.scores, result.scores);
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
                               const WalkForwardSpec& spec, const ModelEntry& model, Progress& progress) {
  validate_folds(spec.folds, eligible.rows());
  const Panel learned_label = preprocess_label(label, eligible, spec.preprocess.label);
  const Study study{features, label, learned_label, eligible, spec, model, progress};
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
