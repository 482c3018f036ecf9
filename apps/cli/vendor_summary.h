#pragma once

#include <string>

#include "apps/cli/command_line.h"
#include "orrery/data/lake/import_vendor.h"

namespace orrery::cli {

/// Imports a file as a mapping says and prints what came of it.
void run_vendor_import(CommandLine& line, const std::string& lake, const std::string& file,
                       const VendorMapping& mapping, bool json);

}  // namespace orrery::cli
