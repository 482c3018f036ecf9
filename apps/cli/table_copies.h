#pragma once

#include <string>
#include <vector>

#include "apps/cli/command_line.h"
#include "orrery/data/lake/lake_copy.h"

namespace orrery::cli {

/// Prints what was copied, a table a line, or as JSON. Errors: kDataCorrupt when a table could not be copied,
/// behind the list of its damaged files.
void print_copies(CommandLine& line, const std::vector<TableCopy>& copies, bool json);

}  // namespace orrery::cli
