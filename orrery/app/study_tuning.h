#pragma once

#include <optional>

#include "orrery/app/study.h"

namespace orrery {

/// Reads `tune` of the study, after its model; nothing where there is none. A parameter that the model does
/// not have, or bounds that it does not take, are problems at their places.
std::optional<TuneChoice> read_tuning(ConfigReader& root, const Study& study, const Plugins& plugins,
                                      ConfigProblems& problems);

}  // namespace orrery
