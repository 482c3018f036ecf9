#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/app/run_study.h"

namespace orrery {

/// The study's scores had its model been fitted from another seed.
struct SeedScores {
  std::uint64_t seed = 0;
  Panel scores;
};

/// Scores of models that a run is held against, made while its factors are there.
struct ComparisonScores {
  std::optional<Panel> ridge;     ///< nothing: the study's own model is ridge
  std::vector<SeedScores> seeds;  ///< the other seeds, without the run's own
  /// False: another seed gave the same scores to the bit on one fold, and no more were fitted.
  bool model_depends_on_seed = true;
  LibrarySeconds library_seconds;  ///< inside the models' libraries
};

/// Fits ridge regression, with its default settings, and the study's model from `study.seeds` - 1 further
/// seeds (seed + 1, seed + 2, …) over the folds, label and universe of the run, and predicts as the run did.
/// Ridge takes no missing or infinite values: it sees the study's own feature steps where they bound the
/// values (clip or cs_rank) and end in fill_na, and robust_zscore, clip 3, fill_na 0 where not.
/// The seeds cost as much as the run's own training each, unless the model does not depend on its seed:
/// that is found out on the fold with the longest training span alone.
ComparisonScores score_comparisons(const Study& study, const Plugins& plugins, const StudyInputs& inputs,
                                   const Panel& own_scores, const RunOptions& options,
                                   Progress& progress = silent_progress());

/// Trades and judges the scores of every seed as the run was; the run's own result comes first. Nothing when
/// the study asks for one seed.
std::optional<SeedSpread> measure_seeds(const Study& study, const Plugins& plugins, const StudyRun& run,
                                        const ComparisonScores& comparison, const RunOptions& options);

}  // namespace orrery
