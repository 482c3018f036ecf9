#include "orrery/ml/walk_forward.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"

namespace orrery {
namespace {

/// What every fold of one walk forward sees.
struct Study {
  const FactorFrame& features;
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

FitReport fit_model(const Study& study, const FittedFeatures& steps, std::size_t fold, FoldReport& report,
                    Model& model) {
  const Dataset train(study.features, steps, study.eligible, report.used.train, &study.label);
  const Dataset valid(study.features, steps, study.eligible, report.used.valid, &study.label);
  report.train_samples = train.size();
  report.valid_samples = valid.size();
  if (train.size() == 0) throw no_samples(fold, "train", report.used.train);
  if (valid.size() == 0 && !report.used.valid.empty()) throw no_samples(fold, "validate", report.used.valid);
  const FitContext context{study.spec.seed, study.spec.threads, study.progress};
  return model.fit(train, valid.size() > 0 ? &valid : nullptr, context);
}

LibrarySeconds predict_test(const Study& study, const FittedFeatures& steps, const Model& model,
                            FoldReport& report, Panel& scores) {
  const Dataset test(study.features, steps, study.eligible, report.used.test);
  report.test_samples = test.size();
  std::vector<double> predicted(test.size());
  const auto done = model.predict(test, predicted, study.spec.threads);
  for (std::size_t i = 0; i < test.size(); ++i) {
    scores(test.samples()[i].row, test.samples()[i].instrument) = predicted[i];
  }
  return done.library_seconds;
}

void run_fold(const Study& study, std::size_t index, WalkForwardResult& result) {
  const Stopwatch watch;
  FoldReport report;
  report.given = study.spec.folds[index];
  report.used = purge_fold(report.given, study.spec.purge_rows);
  auto steps = fit_features(study.features, study.eligible, report.used.train, study.spec.preprocess.features,
                            study.spec.threads);
  auto model = make_model(study.entry, study.spec.parameters);
  report.fit = fit_model(study, steps, index, report, *model);
  report.library_seconds = report.fit.library_seconds;
  report.library_seconds.prediction += predict_test(study, steps, *model, report, result.scores).prediction;
  report.seconds = watch.seconds();
  result.folds.push_back(std::move(report));
  if (!study.spec.keep_models) return;
  result.models.push_back(std::move(model));
  result.preprocessors.push_back(std::move(steps));
}

}  // namespace

WalkForwardResult walk_forward(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                               const WalkForwardSpec& spec, const ModelEntry& model, Progress& progress) {
  validate_folds(spec.folds, eligible.rows());
  const Panel learned_label = preprocess_label(label, eligible, spec.preprocess.label);
  const Study study{features, learned_label, eligible, spec, model, progress};
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
