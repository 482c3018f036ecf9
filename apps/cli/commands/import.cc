#include "apps/cli/command_line.h"
#include "apps/cli/importers.h"

namespace orrery::cli {

void add_import(CLI::App& app, CommandLine& line) {
  auto* import = app.add_subcommand("import", "Take over data of other programs");
  import->require_subcommand(1);
  add_all_importers(*import, line);
}

}  // namespace orrery::cli
