#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/feature/point_in_time.h"
#include "orrery/feature/serving_log.h"

namespace orrery {

/// Something that was served and should not have been.
struct FeatureMismatch {
  Timestamp time;       ///< when it was served
  std::string feature;  ///< "view:feature"
  std::string symbol;
  Date session;
  float served = 0.0F;    ///< NaN: no value
  float computed = 0.0F;  ///< NaN: no value
  std::string what;       ///< one sentence
};

/// What an audit found.
struct FeatureAudit {
  std::size_t records = 0;  ///< a view of a request each
  std::size_t values = 0;   ///< that were recomputed and compared
  std::size_t expired = 0;  ///< served as such; their age was checked
  std::size_t never_known = 0;
  /// Records of a view that the file defines otherwise today or has no more: they can't be recomputed.
  std::size_t other_definition = 0;
  std::vector<FeatureMismatch> mismatches;
};

/// Recomputes from the data of today what was served, each value as it was after its session, and lists
/// everything that is not the same to the bit, was served before its session was known, or had expired.
/// Values that vendors have restated since are mismatches, too. Errors: as point_in_time_values, and
/// ServingLog::read.
FeatureAudit audit_features(const FeatureDefinitions& definitions, FeatureMarkets& markets, int threads,
                            Progress& progress = silent_progress());

}  // namespace orrery
