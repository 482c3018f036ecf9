#pragma once

#include <cstddef>
#include <string>

#include "orrery/data/sql/result_output.h"

namespace orrery::cli {

/// Lays the rows of a result out in at most `width` columns: names, types, numbers to the right, a line of
/// dots where rows are left out; long texts are cut, then columns of the middle left out. Ends with a line
/// that says how many rows and columns there are and how many of them are shown.
std::string format_result(const ResultExcerpt& result, std::size_t width);

}  // namespace orrery::cli
