#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/data/lake/vendor_mapping.h"

namespace orrery {

/// Returns the mapping of a file of comma-separated text whose columns are called as those of a table, in any
/// case, with spaces or underscores; further columns keep their names, as numbers where all that stands in
/// them are (texts such as "00700" are not), else as texts. `event_time` or the end of `date` is the event,
/// `known_time` from when on it was known; without that the event, as of all files (complete_facts). A table
/// that is no standard one gets `key`. Errors: kInvalidArgument without `event_time` and `date`; as
/// read_delimited.
VendorMapping csv_mapping(const std::filesystem::path& file, const std::string& table,
                          const std::string& source, const std::vector<std::string>& key);

}  // namespace orrery
