#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/config.h"
#include "orrery/data/delimited_text.h"
#include "orrery/data/lake/lake_table.h"
#include "orrery/market/time_zone.h"

namespace orrery {

/// Where a value of a row comes from, and what is done with it on the way.
struct VendorValue {
  std::string from;                        ///< the export's column; "": `constant`
  std::string constant;                    ///< the same for all rows
  std::string format;                      ///< of times (read_time)
  double scale = 1.0;                      ///< numbers are multiplied by it
  std::string before, before_last;         ///< texts end before the first or the last of these; "": whole
  bool capitals = false;                   ///< texts in capitals
  std::map<std::string, std::string> map;  ///< texts for others, after all else
  ConfigMark mark = {};                    ///< where the mapping says so, for messages
};

/// A column of the lake's table and its value.
struct VendorColumn {
  DeltaField field;
  VendorValue value;
};

/// One of several values of a wide row, each of which becomes a row of its own.
struct VendorItem {
  std::string item;  ///< what the column `item` says
  std::string unit;
  VendorValue value;
};

/// When a row's event was.
struct VendorEvent {
  enum class Kind { kMoment, kEndOfDay, kTimeOfDay, kSessionClose };
  Kind kind = Kind::kEndOfDay;
  VendorValue value;
  std::int64_t at = 0;    ///< of kTimeOfDay: nanoseconds behind midnight
  std::int64_t plus = 0;  ///< nanoseconds, such as the length of a bar whose start is told
};

/// From when on a row was known.
struct VendorKnown {
  enum class Kind { kRule, kMoment, kDay, kDelay };
  Kind kind = Kind::kRule;
  VendorValue value;
  std::int64_t delay = 0;  ///< of kDelay: nanoseconds behind the event
};

/// What a file of a vendor means: a table of the lake, its columns, and the times of its rows.
struct VendorMapping {
  std::filesystem::path path;
  std::string source;
  TableDefinition definition;  ///< of the table, with the columns that the mapping adds
  DelimitedForm form;
  std::vector<std::string> missing;  ///< what stands for a missing value, beside an empty field
  char decimal = '.';
  std::string thousands;
  TimeZone zone;  ///< of times that tell no offset
  std::vector<VendorColumn> columns;
  std::vector<VendorItem> items;
  VendorEvent event;
  VendorKnown known;
};

/// Whether a part of a fact's key may be missing: not every source tells it.
bool may_lack(std::string_view key_part);

/// Reads a mapping. Errors: kInvalidArgument with every problem: file, line, key, what was found, what is
/// expected and the nearest name. When facts were known is never taken from their retrieval: a table without
/// a rule that needs the event alone must have `known`.
VendorMapping read_vendor_mapping(const std::filesystem::path& path);

}  // namespace orrery
