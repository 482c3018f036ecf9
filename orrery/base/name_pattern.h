#pragma once

#include <string>

namespace orrery {

/// Whether the pattern stands for the whole name: `*` is any text, `?` any character, `[0-3]` one of these.
/// Source: POSIX, fnmatch.
bool matches_pattern(const std::string& name, const std::string& pattern);

}  // namespace orrery
