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
#include "orrery/ml/label_life.h"
#include "orrery/ml/model.h"
#include "orrery/ml/preprocess.h"
#include "orrery/ml/purged_splits.h"
#include "orrery/ml/sample_weights.h"

namespace orrery {

/// How a model is made, whatever rows it learns from.
struct FitSpec {
  std::optional<SelectionSpec> selection;  ///< fitted on the rows that the model learns from; absent: all
  PreprocessSpec preprocess;
  ParameterMap parameters;  ///< of the model, as the study gives them
  std::uint64_t seed = 0;
  int threads = 0;
  int purge_rows = 0;             ///< the label's span, from resolve_purge
  WeightSpec weights = {};        ///< of the samples that are learned from; validation rows weigh alike
  int label_entry_rows = 0;       ///< rows after t from which on the label's returns count (see LabelLives)
  int label_span_rows = 0;        ///< the last row that a label is made of, where it has no end of its own
  bool drops_whole_rows = false;  ///< by purge_rows, also where LearningData::label_ends are known
};

/// What there is to learn. All of the same rows and columns; must outlive whatever is fitted.
struct LearningData {
  const FactorFrame& features;
  const Panel& raw_label;  ///< what features are selected by
  const Panel& label;      ///< after the label step
  const MaskPanel& eligible;
  /// Of labels that become known cell by cell: on which row. Rows are then purged only if the spec says so;
  /// of the raw label's cells in training rows those that reach what is held out teach nothing, and the label
  /// step is applied to the others (see keep_apart); of the validation rows those within the longest span
  /// before the tested ones are left out whole. Null: the rows that a fold is given are purged already.
  const RowPanel* label_ends = nullptr;
};

/// Whether a fold's rows are given whole, and the cells of the training rows purged one by one.
bool purges_by_cell(const LearningData& data, const FitSpec& spec);

/// Selects features, fits the feature steps and the model on the eligible cells of `rows.train` with a finite
/// label; `rows.valid` only decides when to stop. `test`: the rows that will be predicted; only
/// `data.label_ends` are held against them. `name` stands in messages, such as "fold 3"; `checkpoints`
/// is handed to the model.
/// Look-ahead: reads those rows alone, and of the label what it reaches. Safe to call from several threads at
/// once. Errors: kInvalidArgument for rows without samples; what selecting and fitting throw.
FittedFold fit_fold(const LearningData& data, const FitSpec& spec, const ModelEntry& model,
                    std::string_view name, const LearningRows& rows, const RowRanges& test,
                    Progress& progress, const std::filesystem::path& checkpoints = {});

/// The raw label as a model that learns from `rows` may know it: without what reaches the rows held out.
Panel known_raw_label(const LearningData& data, const RowRanges& rows,
                      const std::vector<RowRanges>& held_out);

/// Appends the scores of the eligible cells of `rows`, label or not, by session, then symbol.
LibrarySeconds predict_fold(const LearningData& data, const FittedFold& fold, const RowRanges& rows,
                            int threads, std::vector<double>& scores);

/// Puts such scores at their cells. Errors: kInternal when there are more or fewer scores than cells.
void place_scores(const MaskPanel& eligible, const RowRanges& rows, const std::vector<double>& scores,
                  Panel& placed);

}  // namespace orrery
