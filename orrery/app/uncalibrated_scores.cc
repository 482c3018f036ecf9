#include "orrery/app/uncalibrated_scores.h"

#include <vector>

#include "orrery/base/error.h"
#include "orrery/ml/calibrated_model.h"
#include "orrery/ml/fit_fold.h"

namespace orrery {

Panel uncalibrated_scores(const StudyInputs& inputs, const WalkForwardResult& walk, int threads) {
  if (walk.models.size() != walk.folds.size())
    throw internal_error("the walk forward's models were not kept");
  Panel scores(inputs.eligible.rows(), inputs.eligible.columns());
  for (std::size_t i = 0; i < walk.folds.size(); ++i) {
    const FoldReport& fold = walk.folds[i];
    const Model* model = uncalibrated(*walk.models[i]);
    if (model == nullptr) throw internal_error("a model of the walk forward is not calibrated");
    const Dataset test(selected_features(fold.selection, inputs.factors), walk.preprocessors[i],
                       inputs.eligible, fold.used.test);
    std::vector<double> said(test.size());
    model->predict(test, said, threads);
    place_scores(inputs.eligible, fold.used.test, said, scores);
  }
  return scores;
}

}  // namespace orrery
