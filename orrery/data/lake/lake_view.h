#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake.h"

namespace orrery {

/// What of a lake a reader sees.
struct LakeView {
  std::filesystem::path folder;
  std::string bars = "bars_1d";           ///< the table of daily bars
  std::optional<Timestamp> as_of;         ///< what was known at this moment; absent: all
  std::optional<Timestamp> committed_by;  ///< the tables as they were committed then; absent: the latest
  std::vector<std::string> symbols;       ///< only these; empty: all
  std::optional<Date> first, last;        ///< only bars of these days, both inclusive
};

/// A table of a lake at the view's version.
struct ViewedTable {
  /// Errors: kNotFound for a table or version that is not there.
  ViewedTable(Lake& lake, const LakeView& view, const std::string& name);

  LakeTable table;
  std::shared_ptr<const DeltaState> state;  ///< of that version
  std::int64_t version = 0;
  DeltaSchema schema;
};

/// Returns the last moment whose facts the view knows.
Timestamp known_by(const LakeView& view);

}  // namespace orrery
