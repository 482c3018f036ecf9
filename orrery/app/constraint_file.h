#pragma once

#include <filesystem>

#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// Puts the constraints, costs, present and benchmark weights of a YAML file into a problem whose names are
/// known; docs/portfolio.md lists the keys. Without a file (an empty path) weights are from 0 to 1.
/// Errors: kInvalidArgument with file, line and column of everything that is wrong.
void read_constraints(const std::filesystem::path& path, PortfolioProblem& problem);

}  // namespace orrery
