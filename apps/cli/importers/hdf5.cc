#include "orrery/data/hdf5.h"

#include "apps/cli/import_table.h"

namespace orrery::cli {

void add_import_hdf5(CLI::App& import, CommandLine& line) {
  add_import_table(import, line, {"hdf5", "HDF5", "store.h5", read_hdf5});
}

}  // namespace orrery::cli
