#include <filesystem>

#include "apps/server/route_tools.h"
#include "apps/server/state/account_folders.h"
#include "apps/server/state/standing.h"
#include "orrery/app/account_folder.h"
#include "orrery/data/parquet.h"

namespace orrery::server::performance_feed {
namespace {

Json standing_json(const std::string& name, std::string_view kind, std::size_t sessions,
                   const Standing& standing) {
  return {{"name", name},
          {"kind", kind},
          {"sessions", sessions},
          {"equity", number_json(standing.equity)},
          {"gain", number_json(standing.gain)},
          {"drawdown", number_json(standing.drawdown)}};
}

Json run_row(const CatalogueRun& run) {
  const Table table =
      read_parquet(run.stored().folder / "equity.parquet", {"date", "equity", "net_return", "positions"});
  const auto equity = numbers_of(table.column("equity"));
  if (equity.empty()) return nullptr;
  Json row = standing_json(run.name(), "run", equity.size(), standing_of(equity));
  row["date"] = to_string(dates_of(table.column("date")).back());
  row["net_return"] = number_json(numbers_of(table.column("net_return")).back());
  row["positions"] = numbers_of(table.column("positions")).back();
  row["mode"] = nullptr;
  row["level"] = nullptr;
  return row;
}

Json account_row(const std::filesystem::path& folder) {
  const AccountStatus status = read_account(folder);
  const Standing standing = standing_of(equities_of(status));
  const auto& daily = status.books.daily;
  Json row = standing_json(folder.filename().string(), "account", daily.size(), standing);
  row["date"] = daily.empty() ? Json() : Json(to_string(daily.back().date));
  row["net_return"] = daily.empty() ? Json() : number_json(standing.net_return);
  row["positions"] = daily.empty() ? 0 : daily.back().positions;
  row["mode"] = mode_name(status.mode);
  row["level"] = status.has_ladder ? Json(status.risk_level) : Json();
  return row;
}

FeedRows standings(const Services& services, const std::string& name) {
  FeedRows rows;
  rows.about["runs"] = services.runs.runs().size();
  if (const auto run = name.empty() ? services.runs.preferred() : services.runs.find(name)) {
    rows.about.update(run_about(*run));
    if (const Json row = run_row(*run); !row.is_null()) rows.rows.push_back({run->name(), json_text(row)});
  }
  for (const auto& folder : account_folders(services.data)) {
    rows.rows.push_back({folder.filename().string(), json_text(account_row(folder))});
  }
  return rows;
}

}  // namespace

void add_to(StreamHub& hub, const Services& services) {
  Feed feed;
  feed.name = "performance";
  feed.summary = "How all accounts and a run stand, after each of their sessions";
  feed.key = "name";
  feed.members =
      "name, kind (run or account), date, sessions, equity, net_return, gain, drawdown, positions, mode, "
      "level";
  feed.of_run = true;
  feed.stamp = [&services](const std::string& run) {
    std::string stamp = std::to_string(services.runs.generation());
    if (!run.empty()) services.runs.find(run);
    for (const auto& folder : account_folders(services.data)) stamp += account_stamp(folder);
    return stamp;
  };
  feed.rows = [&services](const std::string& run) { return standings(services, run); };
  hub.add(std::move(feed));
}

}  // namespace orrery::server::performance_feed
