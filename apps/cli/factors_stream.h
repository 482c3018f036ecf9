#pragma once

#include <CLI/CLI.hpp>

#include "apps/cli/command_line.h"

namespace orrery::cli {

/// Adds `orrery factors stream`.
void add_factors_stream(CLI::App& factors, CommandLine& line);

}  // namespace orrery::cli
