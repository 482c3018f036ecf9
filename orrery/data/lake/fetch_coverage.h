#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/lake/lake.h"

namespace orrery {

/// The table in which fetches note what they have asked for.
inline constexpr const char* kFetchNotes = "fetches";

/// One note of the table `fetches`: of a symbol, these days were asked for and delivered.
struct FetchNote {
  std::string table, symbol, source;
  std::optional<Date> begin;  ///< none: everything there is
  Date end;                   ///< the last day that was delivered; of filings, that was asked for
  std::size_t rows = 0;
  Timestamp retrieved;
};

/// Adds notes to the lake. They say what need not be asked again; what rows say never depends on them.
void note_fetches(Lake& lake, const std::vector<FetchNote>& notes);

/// How a table is brought up to date.
struct UpdateRule {
  bool is_whole = false;  ///< every part of it may be revised at any time: always asked for from the start
  bool by_event = true;   ///< days asked for are those of events, not of publication
  int overlap_days = 7;   ///< days before its end that are asked for again, for restatements
};

/// Returns the rule for a table of the lake.
UpdateRule update_rule(const std::string& table);

/// What a lake has of some symbols in one table, and so where the next fetch begins.
class FetchCoverage {
 public:
  FetchCoverage(Lake& lake, std::string table, const std::vector<std::string>& symbols);

  /// Returns the first day to ask for, or nothing for everything there is. Wanted from a day on: the first
  /// day since then that no fetch has covered. Else: where the table ends. Less the overlap, where something
  /// is there.
  std::optional<Date> first_day(const std::string& symbol, std::optional<Date> wanted) const;

 private:
  struct Span {
    Date begin, end;
  };

  void read_notes(Lake& lake, const std::vector<std::string>& symbols);
  void read_ends(Lake& lake, const std::vector<std::string>& symbols);

  std::string table_;
  UpdateRule rule_;
  std::map<std::string, std::vector<Span>> spans_;  ///< by symbol, ascending
  std::map<std::string, Date> ends_;                ///< of the rows, by symbol
};

}  // namespace orrery
