#pragma once

#include <filesystem>

#include "orrery/base/config.h"
#include "orrery/ml/drift_checks.h"

namespace orrery {

/// Reads the thresholds of `orrery monitor`; what is not named keeps its default. Problems: a watch that is
/// worse than its act, a value outside its range, an action that there is not.
DriftThresholds read_thresholds(ConfigReader reader);

/// Reads them from a YAML file of their own, with the same keys at its root. Errors: kNotFound;
/// kInvalidArgument with one line a problem.
DriftThresholds read_thresholds_file(const std::filesystem::path& file);

}  // namespace orrery
