#pragma once

#include <string_view>

#include "orrery/base/config.h"
#include "orrery/base/parameters.h"

namespace orrery {

/// Reads which class of the user's a plug-in `python` works with, as the plug-in's settings: `key` holds
/// FILE.py:CLASS, relative to the study's file; `params` what the class is made with (any YAML mapping);
/// `interpreter` the Python program. Problems: no such form, no such file, params that are no mapping.
ParameterMap read_python_class(ConfigReader& reader, std::string_view key);

}  // namespace orrery
