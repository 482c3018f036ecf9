#include "orrery/app/score_deviations.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "orrery/app/study_model.h"
#include "orrery/app/study_strategy.h"
#include "orrery/base/error.h"
#include "orrery/ml/fit_fold.h"

namespace orrery {

bool may_give_deviations(const Study& study, const Plugins& plugins) {
  if (!study.calibration && study.tune && study.tune->nested) return true;
  if (study.calibration || study.families.empty())
    return make_model(study_model(study, plugins), study.model_parameters)->deviation_method().has_value();
  return std::any_of(study.families.begin(), study.families.end(), [&](const auto& family) {
    return make_model(plugins.models.get(family.name), family.parameters)->deviation_method().has_value();
  });
}

void require_deviations(const Study& study, const Plugins& plugins, const WalkForwardResult& walk) {
  if (!study_strategy(study, plugins, nullptr)->needs_deviations()) return;
  for (std::size_t i = 0; i < walk.models.size(); ++i) {
    if (walk.models[i]->deviation_method()) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("portfolio.weights: inverse_deviation needs the deviation that a model gives with each "
                    "score, and the {} of fold {} gives none; take weights: inverse_width or equal",
                    walk.models[i]->describe().name, i + 1));
  }
}

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
