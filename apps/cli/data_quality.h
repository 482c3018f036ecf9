#pragma once

#include <CLI/CLI.hpp>

#include "apps/cli/command_line.h"

namespace orrery::cli {

/// Adds `orrery data health` and `orrery data disagreements`.
void add_data_quality(CLI::App& data, CommandLine& line);

}  // namespace orrery::cli
