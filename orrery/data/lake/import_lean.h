#pragma once

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/lake_feed.h"

namespace orrery {

/// What to take of a folder of LEAN's.
struct LeanRequest {
  std::filesystem::path path;            ///< the data folder, a folder in it or one ZIP file
  std::vector<std::string> symbols;      ///< in capitals; none: all
  std::vector<std::string> resolutions;  ///< "daily", "hour", "minute", "second"; none: all
  std::string source = "lean";
  Timestamp retrieved;
};

/// What an import of LEAN's files did.
struct LeanImport {
  std::size_t files = 0;                           ///< whose rows were read
  std::map<std::string, FeedCount> tables;         ///< rows by table of the lake
  std::map<std::string, std::size_t> quarantined;  ///< left-out rows by reason
  std::map<std::string, std::size_t> not_taken;    ///< files by why their kind is not taken
};

/// Takes files of LEAN (lean_files.h, lean_actions.h) into a lake: bars of trades as they were traded into
/// bars_1d, bars_1h, bars_1m and bars_1s, factor and map files into corporate_actions, lines that can't be
/// read into quarantine. Times and known times as of a provider's rows (provider_facts.h). May be repeated:
/// what the lake has already is left out. Commits about every million bars. Errors: kNotFound where there is
/// no file of LEAN's form; kDataCorrupt for a damaged archive.
LeanImport import_lean(Lake& lake, const LeanRequest& request);

}  // namespace orrery
