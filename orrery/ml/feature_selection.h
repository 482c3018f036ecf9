#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"
#include "orrery/market/row_ranges.h"
#include "orrery/ml/feature_view.h"

namespace orrery {

/// Which features a fold's model is given.
struct SelectionSpec {
  enum class By {
    kIc,      ///< Pearson correlations
    kRankIc,  ///< Spearman correlations
  };
  By by = By::kRankIc;
  int top = 50;                  ///< at most so many features
  double max_correlation = 0.7;  ///< with any feature chosen before, in size; 1: no limit

  bool operator==(const SelectionSpec&) const = default;
};

/// A feature that was considered, and what became of it.
struct SelectionCandidate {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::string feature;
  double ic = kMissing;  ///< mean daily (rank) IC over the span
  /// The feature chosen before that it resembles too much; "" for one that was chosen.
  std::string resembles;
  double correlation = kMissing;  ///< with that one; NaN for one that was chosen

  bool chosen() const { return resembles.empty(); }
};

/// The features chosen on one span.
struct FeatureSelection {
  SelectionSpec spec;
  std::vector<SelectionCandidate> candidates;  ///< largest IC first, as far as the walk went

  /// Names of the chosen features, largest IC first.
  std::vector<std::string> names() const;

  /// The same content gives the same bytes.
  std::string to_json() const;
  /// Errors: kDataCorrupt when the text is not what to_json wrote.
  static FeatureSelection from_json(const std::string& text);
};

/// Chooses features on the samples of `rows`: eligible cells with a finite label.
///
/// 1. Each feature's IC with the label, session by session, over the samples where the feature is finite:
///    Pearson, or with `by` rank IC Spearman (ties share their average rank). Sessions with fewer than five
///    of them, or without spread, are left out; a feature without an IC on at least half of the sessions is
///    not considered.
/// 2. From the largest absolute mean IC down (equal ones in the frame's order), a feature is chosen unless
/// its
///    correlation with one chosen before is above max_correlation in size, until `top` are chosen. The
///    correlation is the mean of the sessions' cross-sectional correlations of the two features (of their
///    ranks with `by` rank IC), over all sessions of the span in which both have spread; in it a missing
///    value counts as the session's mean.
///
/// `label`: raw. Look-ahead: reads `rows` alone, and of the label what it reaches. The result does not depend
/// on `threads`. Errors: kInvalidArgument when no feature has an IC; kInternal when shapes differ.
FeatureSelection select_features(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                                 const RowRanges& rows, const SelectionSpec& spec, int threads);

/// Positions of the chosen features in a frame, ascending. Errors: kDataCorrupt for one it does not have.
std::vector<std::size_t> chosen_positions(const FeatureSelection& selection, const FactorFrame& features);

/// What a model sees of a frame: the chosen features, all of them where none were chosen. The frame must
/// outlive it. Errors: as chosen_positions.
FeatureView selected_features(const std::optional<FeatureSelection>& selection, const FactorFrame& features);

/// `ic` or `rank_ic`.
const char* to_string(SelectionSpec::By by);

/// How alike the selections of several folds are.
struct SelectionStability {
  struct Count {
    std::string feature;
    std::size_t folds = 0;  ///< that chose it
  };
  /// By fold from the second on: features that it and the fold before chose, over those that either chose.
  std::vector<double> jaccard;
  std::vector<Count> counts;  ///< most often chosen first, then by name

  /// NaN for a single fold.
  double mean_jaccard() const;
};

SelectionStability selection_stability(const std::vector<std::vector<std::string>>& chosen_by_fold);

}  // namespace orrery
