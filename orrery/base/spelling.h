#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// Returns the candidate nearest to `word` by edit distance (upper and lower case count as half), or "" when
/// none is near enough to be a likely slip.
std::string nearest_spelling(std::string_view word, const std::vector<std::string>& candidates);

/// Returns "; did you mean 'x'?", or "" when nothing is near. Made to be appended to an error message.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace orrery
