#pragma once

#include "apps/cli/command_line.h"

namespace orrery::cli {

/// Adds `import prices` and `import membership`, which fill the tables of a lake that studies read.
void add_import_prices(CLI::App& import, CommandLine& line);
void add_import_membership(CLI::App& import, CommandLine& line);

}  // namespace orrery::cli
