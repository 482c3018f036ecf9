#include "apps/server/route_tools.h"
#include "orrery/data/lake/data_health.h"

namespace orrery::server::data_quality_route {
namespace {

using Kind = ColumnInfo::Kind;

ApiAnswer list_health(const Services& services) {
  std::vector<SymbolHealth> health;
  if (!services.lake.empty()) {
    Lake lake(services.lake);
    HealthRequest wanted;
    wanted.now = services.clock.now();
    health = check_health(lake, wanted);
  }
  std::vector<std::string> tables, symbols, sources, calendars, retrieved;
  std::vector<Date> first, last;
  std::vector<std::int64_t> rows, missing, late, gaps, longest;
  for (const SymbolHealth& one : health) {
    tables.push_back(one.table);
    symbols.push_back(one.symbol);
    sources.push_back(one.source);
    calendars.push_back(one.calendar);
    first.push_back(one.first);
    last.push_back(one.last);
    rows.push_back(static_cast<std::int64_t>(one.rows));
    missing.push_back(static_cast<std::int64_t>(one.missing));
    late.push_back(static_cast<std::int64_t>(one.late));
    gaps.push_back(static_cast<std::int64_t>(one.gaps.size()));
    std::size_t most = 0;
    for (const SessionGap& gap : one.gaps) most = std::max(most, gap.sessions);
    longest.push_back(static_cast<std::int64_t>(most));
    retrieved.push_back(to_string(one.retrieved));
  }
  return {RowsAnswer{Json{{"lake", services.lake}},
                     {{{"table", std::move(tables)},
                       {"symbol", std::move(symbols)},
                       {"source", std::move(sources)},
                       {"first", std::move(first)},
                       {"last", std::move(last)},
                       {"rows", std::move(rows)},
                       {"calendar", std::move(calendars)},
                       {"missing", std::move(missing)},
                       {"late", std::move(late)},
                       {"gaps", std::move(gaps)},
                       {"longest_gap", std::move(longest)},
                       {"retrieved", std::move(retrieved)}}}}};
}

}  // namespace

void add_to(ApiServer& api, const Services& services) {
  Operation operation = reading("/api/v1/data/health", "listDataHealth", "Market",
                                "What the lake covers, what is missing in it and what is late");
  operation.description = "As 'orrery data health' tells it, of the lake that the server's settings name.";
  operation.slow = true;
  operation.about = schema::object(
      "The lake",
      {{"lake", schema::text("Where it is; empty: the server's settings name none, and there are no rows")}});
  operation.columns = {{"table", Kind::kText, "Of the lake"},
                       {"symbol", Kind::kText, "The name"},
                       {"source", Kind::kText, "Who said so"},
                       {"first", Kind::kDate, "Day of the first event"},
                       {"last", Kind::kDate, "Day of the last"},
                       {"rows", Kind::kWhole, "All versions"},
                       {"calendar", Kind::kText, "Whose sessions are expected; empty: none are"},
                       {"missing", Kind::kWhole, "Sessions between first and last without a row"},
                       {"late", Kind::kWhole, "Sessions after the last that are over"},
                       {"gaps", Kind::kWhole, "Runs of missing sessions"},
                       {"longest_gap", Kind::kWhole, "Sessions of the longest"},
                       {"retrieved", Kind::kText, "When a row last came, or was last asked for; UTC"}};
  operation.run = [&services](const ApiRequest&) { return list_health(services); };
  api.add(std::move(operation));
}

}  // namespace orrery::server::data_quality_route
