#pragma once

#include <CLI/CLI.hpp>

#include "apps/cli/command_line.h"

namespace orrery::cli {

/// Adds `orrery data validate`.
void add_data_validate(CLI::App& data, CommandLine& line);

}  // namespace orrery::cli
