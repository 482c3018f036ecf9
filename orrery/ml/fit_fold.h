#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/market/row_ranges.h"
#include "orrery/ml/feature_selection.h"
#include "orrery/ml/fold_store.h"
#include "orrery/ml/model.h"
#include "orrery/ml/preprocess.h"
#include "orrery/ml/purged_splits.h"

namespace orrery {

/// How a model is made, whatever rows it learns from.
struct FitSpec {
  std::optional<SelectionSpec> selection;  ///< fitted on the rows that the model learns from; absent: all
  PreprocessSpec preprocess;
  ParameterMap parameters;  ///< of the model, as the study gives them
  std::uint64_t seed = 0;
  int threads = 0;
  int purge_rows = 0;  ///< the label's span, from resolve_purge
};

/// What there is to learn. All of the same rows and columns; must outlive whatever is fitted.
struct LearningData {
  const FactorFrame& features;
  const Panel& raw_label;  ///< what features are selected by
  const Panel& label;      ///< after the label step
  const MaskPanel& eligible;
};

/// Selects features, fits the feature steps and the model on the eligible cells of `rows.train` with a finite
/// label; `rows.valid` only decides when to stop. `name` stands in messages, such as "fold 3"; `checkpoints`
/// is handed to the model.
/// Look-ahead: reads those rows alone, and of the label what it reaches. Safe to call from several threads at
/// once. Errors: kInvalidArgument for rows without samples; what selecting and fitting throw.
FittedFold fit_fold(const LearningData& data, const FitSpec& spec, const ModelEntry& model,
                    std::string_view name, const LearningRows& rows, Progress& progress,
                    const std::filesystem::path& checkpoints = {});

/// Appends the scores of the eligible cells of `rows`, label or not, by session, then symbol.
LibrarySeconds predict_fold(const LearningData& data, const FittedFold& fold, const RowRanges& rows,
                            int threads, std::vector<double>& scores);

/// Puts such scores at their cells. Errors: kInternal when there are more or fewer scores than cells.
void place_scores(const MaskPanel& eligible, const RowRanges& rows, const std::vector<double>& scores,
                  Panel& placed);

}  // namespace orrery
