#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/import_notes.h"
#include "orrery/data/lake/vendor_mapping.h"
#include "orrery/data/table.h"

namespace orrery {

/// The rows of an export, as a mapping means them.
struct VendorRows {
  Table rows;  ///< columns of the mapping, the three times and the source
  std::size_t read = 0;
  std::vector<ImportNote> notes;    ///< rows that were left out
  std::vector<std::string> unused;  ///< columns that the mapping does not name
};

/// Reads an export. Errors: as import_vendor.
VendorRows read_vendor_rows(const std::filesystem::path& file, const VendorMapping& mapping,
                            Timestamp retrieved);

}  // namespace orrery
