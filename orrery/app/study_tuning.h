#pragma once

#include <optional>
#include <string_view>

#include "orrery/app/study.h"

namespace orrery {

/// Reads `tune` of the study, after its model; nothing where there is none. A parameter that the model does
/// not have, or bounds that it does not take, are problems at their places.
std::optional<TuneChoice> read_tuning(ConfigReader& root, const Study& study, const Plugins& plugins,
                                      ConfigProblems& problems);

/// Reads settings with their ranges. `at` reads the mapping around `node`, which stands under `key`. `info`:
/// whose settings they are, and null where nobody knows; `given`: its others. What is wrong is a problem at
/// its place.
SearchSpace read_search_space(const ConfigReader& at, std::string_view key, const ConfigNode& node,
                              const ModelInfo* info, const ParameterMap& given, ConfigProblems& problems);

}  // namespace orrery
