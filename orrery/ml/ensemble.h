#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/ml/model.h"

namespace orrery {

/// The name under which an ensemble stands in a study and in its file.
inline constexpr const char* kEnsemble = "ensemble";

/// One model of an ensemble.
struct EnsembleMember {
  ModelEntry entry;
  ParameterMap parameters;  ///< as a study gives them
  /// Names of features, or patterns with `*` and `?`; empty: all.
  std::vector<std::string> features = {};
  int seeds = 1;  ///< how often it is fitted, with seeds one apart: so many members
};

/// Returns an entry that makes models of these members.
///
/// Settings (see ModelInfo::parameters): `combine` says how members become one score: `average`, the weighted
/// mean of what they say, where all say the same thing; `rank_average`, the weighted mean of their ranks
/// within the session, scaled as cs_rank_norm; `stacking`, a further model, `final_model`, that has the
/// members' scores for features and learned from out-of-fold ones (see out_of_fold_scores). `weights` says
/// how the first two weigh: `equal`; `ic`, in proportion to the mean rank IC on the validation rows where it
/// is positive; `grid`, the best of all multiples of `grid_step` there. An ensemble of one member predicts
/// as it.
///
/// The averages of several members offer deviations: that of the members' scores around the ensemble's, by
/// their weights. Source: Lakshminarayanan, Pritzel and Blundell (2017), "Simple and scalable predictive
/// uncertainty estimation using deep ensembles", sec. 2.4, of members that give no variance of their own.
///
/// Feature steps are fitted on the whole training span before members see it. A fitted ensemble is saved as
/// `model.orrery`, with a folder for each member. Look-ahead: validation rows decide on weights besides when
/// to stop. Errors of fitting: kInvalidArgument for weights without validation rows, for `average` over
/// members of different tasks or that only rank, and for a pattern that no feature matches.
/// Sources: rank averaging: Kuncheva (2004), "Combining pattern classifiers", 5.2; stacking: Wolpert (1992),
/// "Stacked generalization".
ModelEntry ensemble_entry(std::vector<EnsembleMember> members,
                          std::optional<EnsembleMember> final_model = std::nullopt);

}  // namespace orrery
