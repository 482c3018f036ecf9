#pragma once

#include <filesystem>
#include <string>

#include "orrery/app/run_study.h"

namespace orrery {

/// Scores that were made elsewhere, and what to judge them by.
struct OwnScores {
  std::filesystem::path predictions;  ///< Parquet: date, symbol, score
  std::filesystem::path prices;       ///< over the study's data.path when given
  std::filesystem::path study;        ///< optional; without it the defaults of a study hold
  StudyOverrides overrides;
};

/// Reads the study that own scores are judged by. Without a file: top 50 drop 5, fills at the next close, 5
/// bp commission and 5 bp slippage a side. Errors: as read_study; kInvalidArgument without prices.
Study own_scores_study(const OwnScores& scores, const Plugins& plugins);

/// Trades and judges own scores with the code of a run; the result has no folds and no models.
/// Errors: kInvalidArgument when not one row of the predictions finds its date and symbol in the prices.
StudyRun run_own_scores(const OwnScores& scores, const Study& study, const Plugins& plugins,
                        const RunOptions& options, Progress& progress = silent_progress());

}  // namespace orrery
