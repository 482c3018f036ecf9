#pragma once

#include <filesystem>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// Returns the expected returns of one period that follow from an equilibrium and the views of a YAML file
/// (Black & Litterman); docs/portfolio.md lists the keys. `problem` has names and a covariance.
/// Errors: kInvalidArgument with file, line and column of everything that is wrong, or for views that
/// contradict.
std::vector<double> read_views(const std::filesystem::path& path, const PortfolioProblem& problem);

}  // namespace orrery
