#pragma once

#include <vector>

#include "orrery/ml/model.h"

namespace orrery {

/// How training rows are cut to be predicted by models that did not learn from them.
struct OutOfFoldSpec {
  int folds = 5;         ///< blocks of equal length; at least 2
  int embargo_rows = 0;  ///< rows left out after the block, on top of the label's span on both sides
};

/// Predicts every sample of `train` by a model fitted on the other blocks, so that its score says what the
/// model would have said without the sample's label and those that overlap it (see purged_splits).
/// `valid` decides when to stop in every block, and may be null. `fits` are added up into `seconds`.
/// Feature steps are those that `train` came with. Errors: kInvalidArgument for rows that can't be cut into
/// so many blocks, or a block that leaves no sample to learn from; what fitting throws.
std::vector<double> out_of_fold_scores(const ModelEntry& entry, const ParameterMap& parameters,
                                       const Dataset& train, const Dataset* valid, const OutOfFoldSpec& spec,
                                       const FitContext& context, LibrarySeconds& seconds);

}  // namespace orrery
