#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/provider_facts.h"
#include "orrery/data/provider.h"

namespace orrery {

/// What became of delivered rows in one table.
struct FeedCount {
  std::size_t added = 0;
  std::size_t same = 0;            ///< were there already
  std::size_t restated = 0;        ///< say something else than what is there, which stays as it was
  std::size_t contradictions = 0;  ///< see new_versions; noted in the quarantine
};

/// What a source delivered of a symbol for a table.
struct FedSymbol {
  std::string table, symbol;
  Date first, last;  ///< days of the first and the last event
  std::size_t rows = 0;
};

/// Fills a lake with what providers deliver. Rows wait until commit(), which writes each table in one commit;
/// rows that are there already are left out, so that delivering again changes nothing. Not thread-safe.
class LakeFeed final : public ProviderSink {
 public:
  /// `frequency` names the table of bars, such as "1d". `lake` must outlive the feed.
  LakeFeed(Lake& lake, std::string frequency);

  /// Errors: as facts_of.
  void accept(std::string_view table, const Table& rows) override;

  /// Writes what has come since the last call, and returns what that was, by table and symbol.
  /// Errors: as LakeTable::append.
  std::vector<FedSymbol> commit();

  /// What became of all rows so far, by table.
  const std::map<std::string, FeedCount>& counts() const { return counts_; }

 private:
  void write(const LakeRows& rows);
  void note(const std::string& table, const Table& contradictions);

  Lake& lake_;
  std::string frequency_;
  std::vector<LakeRows> waiting_;
  std::map<std::string, FeedCount> counts_;
};

}  // namespace orrery
