#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/fetch_sources.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/lake_feed.h"

namespace orrery {

/// Where a fetch of one symbol would begin.
struct PlannedFetch {
  std::string symbol;
  std::optional<Date> begin;  ///< none: everything there is
};

/// What a fetch into a lake would ask for.
struct LakeFetchPlan {
  std::string table;      ///< of the lake, that is to be filled
  std::string frequency;  ///< of bars
  std::vector<PlannedFetch> symbols;
};

/// Returns for each symbol where to begin: the first day since the request's that no fetch has covered, or
/// without one where the table ends, less the days that are asked for again (update_rule); the request's own
/// with `from_scratch`. Errors: kNotFound for an unknown source; kInvalidArgument when sources of the chain
/// fill different tables.
LakeFetchPlan plan_lake_fetch(const ProviderRegistry& registry, const FetchOptions& options, Lake& lake,
                              bool from_scratch);

/// What a fetch into a lake did.
struct LakeFetchSummary {
  FetchSummary fetch;
  std::map<std::string, FeedCount> tables;
};

/// Fetches as planned and commits after every few symbols, so that a fetch that is stopped goes on where it
/// was. Errors: as fetch_sources and LakeFeed.
LakeFetchSummary fetch_into_lake(const ProviderRegistry& registry, const LakeFetchPlan& plan,
                                 FetchOptions options, const ProviderContext& context, Lake& lake,
                                 Progress& progress);

/// Throws unless so many of the symbols have a row of the planned table on a day, whoever delivered it and
/// when: a source may be late, and what it has not yet is no error of its own. Errors: kUnavailable, with how
/// many and the first that lack it.
void require_day(Lake& lake, const LakeFetchPlan& plan, Date day, std::size_t needed);

}  // namespace orrery
