#pragma once

#include <string>
#include <string_view>

namespace orrery {

/// A whole number as Strategy::save() writes one, and back. Errors of the way back: kDataCorrupt.
std::string save_count(int count);
int restore_count(std::string_view saved);

}  // namespace orrery
