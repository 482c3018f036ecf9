#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/portfolio/fundamental_covariance.h"

namespace orrery {

/// Reads what is known of names for a fundamental covariance: a table with a column of names (`symbol`,
/// `ticker` or `name`), maybe one of sectors (`sector`, `group` or `industry`), and styles: every other
/// column, of numbers; an empty cell, and a name that is not in the table, is not known. Errors: as
/// read_returns; kInvalidArgument for a name that stands twice.
NameExposures read_exposures(const std::filesystem::path& path, const std::vector<std::string>& names);

}  // namespace orrery
