#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/ml/drift_checks.h"

namespace orrery {

/// A line of the health of a model, as a person reads it.
struct HealthLine {
  std::string check;      ///< such as "features, PSI"
  std::string value;      ///< such as "12.5% of the weight"
  std::string threshold;  ///< such as "watch 10%, act 25%"
  std::string meaning;    ///< one sentence
  DriftVerdict verdict = DriftVerdict::kOk;
  DriftAction action = DriftAction::kNone;
};

/// Values by session.
struct DatedSeries {
  std::vector<Date> dates;
  std::vector<double> values;  ///< NaN: not computable
};

/// Everything that is known of how a model fares, for the terminal and the page.
struct ModelHealth {
  std::string title;   ///< NAME@VERSION, or the run's folder
  std::string stage;   ///< "" for a run
  std::string model;   ///< "lightgbm"
  std::string banner;  ///< "" for real data
  std::string data;    ///< name of the price file
  Date trained_first, trained_last;
  Date recent_first, recent_last;
  std::size_t recent_sessions = 0;
  DriftThresholds thresholds;
  DriftEvidence evidence;  ///< without `features`, which the judgement has
  DriftJudgement judgement;
  std::vector<HealthLine> lines;   ///< one a check
  std::vector<std::string> notes;  ///< whole sentences
  DatedSeries rank_ic;             ///< of the reference, then of the recent sessions
  DatedSeries covered;             ///< share of each recent session's intervals that held
  std::vector<std::string> next;   ///< commands that follow from it; empty when all is well
};

/// How many features' worst verdict is at `verdict`.
std::size_t count_features(const ModelHealth& health, DriftVerdict verdict);

/// Renders one self-contained HTML file in the style of a run's report. Deterministic.
std::string render_model_health(const ModelHealth& health);

}  // namespace orrery
