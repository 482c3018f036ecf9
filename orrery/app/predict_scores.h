#pragma once

#include <cstddef>
#include <filesystem>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/plugins.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/date.h"
#include "orrery/base/progress.h"
#include "orrery/data/table.h"
#include "orrery/ml/serving_precision.h"

namespace orrery {

struct PredictOptions {
  std::filesystem::path data;  ///< prices to read instead of the study's; "": the study's
  std::optional<Date> first;   ///< sessions to score; neither: the last one of the prices
  std::optional<Date> last;
  ServingPrecision precision = ServingPrecision::kTrained;
  int threads = 0;
};

/// What a stored model says of one name after a session's close.
struct Prediction {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  Date date;
  std::string symbol;
  double score = kMissing;
  std::size_t rank = 0;        ///< within the session, 1: the highest score; equal scores by symbol
  double expected = kMissing;  ///< return that such a score has been worth; NaN where too little is known
  double lower = kMissing;     ///< of the interval; may be infinite, as may the upper one
  double upper = kMissing;
};

/// What other numbers cost against those that the model was trained in.
struct PrecisionCost {
  ServingPrecision precision = ServingPrecision::kTrained;
  double rank_correlation = Prediction::kMissing;  ///< Spearman's, mean of the sessions
  double largest_difference = 0.0;                 ///< of a score
  double deviation = 0.0;                          ///< of the trained scores, to hold that difference against
  double trained_seconds = 0.0;                    ///< for all scores, the model loaded
  double seconds = 0.0;
};

struct Predictions {
  std::string model;   ///< "lightgbm"
  std::string banner;  ///< of the run; "" for real data
  Date trained_first, trained_last;
  double coverage = 0.9;         ///< that the intervals promise
  std::vector<Prediction> rows;  ///< by date, then rank
  std::optional<PrecisionCost> cost;
};

/// Scores sessions that came after the training of a run's last model, of all names in the universe then.
/// Intervals learn from the run's own scores and from those of the sessions since. Look-ahead: none; the last
/// session needs no later price. Errors: kInvalidArgument for sessions that the model learned from, a span
/// without sessions or names, or a precision that the model has not; what open_live_model throws.
Predictions predict_scores(const StoredRun& run, const Plugins& plugins, const PredictOptions& options,
                           Progress& progress = silent_progress());

/// The rows as a table: date, symbol, score, rank, expected, lower, upper.
Table prediction_table(const Predictions& predictions);

/// All of it as JSON; numbers that are not finite are null.
std::string predictions_json(const Predictions& predictions);

}  // namespace orrery
