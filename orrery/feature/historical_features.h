#pragma once

#include "orrery/feature/feature_answer.h"
#include "orrery/feature/point_in_time.h"

namespace orrery {

/// Who is asked about, and when.
struct EntityRows {
  std::vector<std::string> symbols;
  std::vector<Timestamp> times;  ///< by row
};

/// Returns for each row what was known of its symbol at its time: the values of its last bar that was known
/// then, as they were after that session, by view in the order of `wanted`. A value that had expired by then
/// is missing. Look-ahead: none, to the bit. Errors: kInvalidArgument for columns of unequal length; as
/// point_in_time_values.
std::vector<AnsweredView> historical_features(const FeatureDefinitions& definitions,
                                              const std::vector<FeatureReference>& wanted,
                                              const EntityRows& rows, FeatureMarkets& markets, int threads,
                                              Progress& progress = silent_progress());

/// Splits what is wanted by view, in the order in which each comes first.
std::vector<AnsweredView> answers_by_view(const std::vector<FeatureReference>& wanted);

}  // namespace orrery
