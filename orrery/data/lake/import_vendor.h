#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/add_versions.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/vendor_mapping.h"

namespace orrery {

/// What an import of a vendor's file did.
struct VendorImport {
  std::size_t rows_read = 0;                       ///< of the export
  std::map<std::string, std::size_t> quarantined;  ///< left-out rows by reason
  AddedVersions facts;
  std::vector<std::string> unused;  ///< columns of the export that the mapping does not name
};

/// Takes an export into a lake as its mapping says: text, packed with gzip or not, or a file of columns
/// (table_file.h). Good rows go to the table, bad ones to quarantine with their line. Rows that the lake has
/// already are left out; where publication is told, each is an account of its own, so that a file with
/// restatements gives each from its own time on; else a changed value is known from now on.
/// Errors: kNotFound for a column that the file lacks, naming the mapping's line and the nearest name;
/// kInvalidArgument where no row could be read; as read_delimited, read_table_file, add_versions.
VendorImport import_vendor(Lake& lake, const std::filesystem::path& file, const VendorMapping& mapping,
                           Timestamp retrieved);

}  // namespace orrery
