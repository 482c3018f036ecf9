#pragma once

#include <CLI/CLI.hpp>

#include "apps/cli/command_line.h"

namespace orrery::cli {

/// Adds `orrery factors evaluate`.
void add_factors_evaluate(CLI::App& factors, CommandLine& line);

}  // namespace orrery::cli
