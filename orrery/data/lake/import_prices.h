#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>

#include "orrery/data/lake/add_versions.h"
#include "orrery/data/lake/import_facts.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/price_rows.h"

namespace orrery {

/// What an import of prices did.
struct PriceImport {
  std::size_t rows_read = 0;
  std::map<std::string, std::size_t> quarantined;  ///< left-out rows by reason
  AddedVersions bars;
  AddedVersions actions;       ///< all zero where the file says nothing of actions
  bool tells_actions = false;  ///< the file has adjusted closes, dividends or splits
};

/// Takes a file of daily prices (docs/data.md) into a lake: good bars as they were traded into `table`, what
/// adjusted closes, dividends and splits of the file say into corporate_actions, bad rows with their reason
/// into quarantine. A bar is known at the end of its day, 00:00 UTC of the next, an action by the rule of
/// known_time; a value that differs from what the lake has of the same source is a correction and known from
/// now on. The file may be imported again: what the lake has already is left out. Errors: as load_prices and
/// add_versions.
PriceImport import_prices(Lake& lake, const std::filesystem::path& file, const std::string& table,
                          const FactSource& source);
/// The same of rows that were read already.
PriceImport import_prices(Lake& lake, PriceRows rows, const std::string& table, const FactSource& source);

}  // namespace orrery
