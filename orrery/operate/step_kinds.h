#pragma once

#include <string>
#include <vector>

#include "orrery/base/config.h"

namespace orrery {

/// Returns the names of the kinds of steps.
std::vector<std::string> step_kind_names();

/// Reads the keys of a step that are its kind's own, and returns the arguments of `orrery` that do it, with
/// placeholders. What is wrong is added to the reader's problems.
std::vector<std::string> step_arguments(const std::string& kind, ConfigReader& reader);

}  // namespace orrery
