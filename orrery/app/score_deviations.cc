#include "orrery/app/score_deviations.h"

#include <vector>

#include "orrery/base/error.h"
#include "orrery/ml/fit_fold.h"

namespace orrery {

std::optional<ScoreDeviations> score_deviations(const StudyInputs& inputs, const WalkForwardResult& walk,
                                                int threads) {
  if (walk.models.size() != walk.folds.size())
    throw internal_error("the walk forward's models were not kept");
  if (walk.models.empty() || !walk.models.front()->deviation_method()) return std::nullopt;
  ScoreDeviations result{
      *walk.models.front()->deviation_method(), Panel(inputs.eligible.rows(), inputs.eligible.columns()), {}};
  for (std::size_t i = 0; i < walk.folds.size(); ++i) {
    const FoldReport& fold = walk.folds[i];
    const Dataset test(selected_features(fold.selection, inputs.factors), walk.preprocessors[i],
                       inputs.eligible, fold.used.test);
    std::vector<double> said(test.size());
    // A fold taken up from an older run may come from a file that does not know it yet.
    if (!walk.models[i]->deviation_method()) continue;
    result.library_seconds += walk.models[i]->deviations(test, said, threads).library_seconds;
    place_scores(inputs.eligible, fold.used.test, said, result.values);
  }
  return result;
}

}  // namespace orrery
