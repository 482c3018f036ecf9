#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "apps/server/state/run_catalogue.h"

namespace prometheus {
class Registry;
}

namespace orrery::server {

/// How accounts stand and how the run fares that is recommended from, as figures for Prometheus:
/// orrery_account_equity, _drawdown, _net_return, _level of each account after its last session;
/// orrery_run_rank_ic (mean of all tested sessions) and _rank_ic_recent (of the last 20) of the run.
/// Read anew where they have changed.
class StandingMetrics {
 public:
  StandingMetrics(std::filesystem::path data, RunCatalogue& runs, prometheus::Registry& registry,
                  WaitClock& clock);
  ~StandingMetrics();
  StandingMetrics(const StandingMetrics&) = delete;
  StandingMetrics& operator=(const StandingMetrics&) = delete;

  /// Looks at most once in a few seconds. Returns what can't be read; "": all can.
  std::string refresh();

 private:
  struct Families;
  void read_account(const std::filesystem::path& folder);
  void read_run(const CatalogueRun& run);

  std::filesystem::path data_;
  RunCatalogue& runs_;
  WaitClock& clock_;
  double looked_ = -1.0;
  std::map<std::string, std::string> stamps_;  ///< of accounts as they were read
  std::shared_ptr<const CatalogueRun> run_;
  std::unique_ptr<Families> families_;
};

}  // namespace orrery::server
