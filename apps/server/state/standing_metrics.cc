#include "apps/server/state/standing_metrics.h"

#include <prometheus/gauge.h>
#include <prometheus/registry.h>

#include <cmath>

#include "apps/server/state/account_folders.h"
#include "apps/server/state/standing.h"
#include "orrery/app/account_folder.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"

namespace orrery::server {
namespace {

constexpr double kSecondsBetweenReadings = 5.0;
constexpr std::size_t kRecentSessions = 20;

using GaugeFamily = prometheus::Family<prometheus::Gauge>;

GaugeFamily& family(prometheus::Registry& registry, const std::string& name, const std::string& help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

/// The mean of the last values that are there; NaN without any.
double mean_of_last(const std::vector<double>& values, std::size_t count) {
  double sum = 0.0, seen = 0.0;
  for (auto value = values.rbegin(); value != values.rend() && seen < static_cast<double>(count); ++value) {
    if (std::isnan(*value)) continue;
    sum += *value;
    seen += 1.0;
  }
  return sum / seen;
}

}  // namespace

struct StandingMetrics::Families {
  explicit Families(prometheus::Registry& registry)
      : equity(family(registry, "orrery_account_equity", "Of an account after its last session")),
        drawdown(family(registry, "orrery_account_drawdown", "From the highest equity so far, a share")),
        net_return(family(registry, "orrery_account_net_return", "Of the last session, after costs")),
        level(family(registry, "orrery_account_level", "Of the drawdown ladder, 0 to 4")),
        rank_ic(family(registry, "orrery_run_rank_ic", "Mean of all tested sessions")),
        recent(family(registry, "orrery_run_rank_ic_recent", "Mean of the last 20 sessions that have one")) {}

  GaugeFamily &equity, &drawdown, &net_return, &level, &rank_ic, &recent;
};

StandingMetrics::StandingMetrics(std::filesystem::path data, RunCatalogue& runs,
                                 prometheus::Registry& registry, WaitClock& clock)
    : data_(std::move(data)), runs_(runs), clock_(clock), families_(std::make_unique<Families>(registry)) {}

StandingMetrics::~StandingMetrics() = default;

std::string StandingMetrics::refresh() {
  const double now = clock_.seconds();
  if (looked_ >= 0.0 && now - looked_ < kSecondsBetweenReadings) return "";
  looked_ = now;
  std::string fault;
  try {
    for (const auto& folder : account_folders(data_)) {
      const std::string stamp = account_stamp(folder);
      std::string& known = stamps_[folder.string()];
      if (stamp == known) continue;
      known = stamp;  // also of one that can't be read: it is told once
      read_account(folder);
    }
    const auto run = runs_.preferred();
    if (run && run != run_) {
      run_ = run;
      read_run(*run);
    }
  } catch (const Error& error) {
    fault = error.what();
  }
  return fault;
}

void StandingMetrics::read_account(const std::filesystem::path& folder) {
  const AccountStatus status = orrery::read_account(folder);
  const Standing standing = standing_of(equities_of(status));
  const prometheus::Labels labels = {{"account", folder.filename().string()}};
  families_->equity.Add(labels).Set(standing.equity);
  families_->drawdown.Add(labels).Set(standing.drawdown);
  families_->net_return.Add(labels).Set(standing.net_return);
  if (status.has_ladder) families_->level.Add(labels).Set(status.risk_level);
}

void StandingMetrics::read_run(const CatalogueRun& run) {
  const Table table = read_parquet(run.stored().folder / "daily_ic.parquet", {"rank_ic"});
  const prometheus::Labels labels = {{"run", run.name()}};
  families_->rank_ic.Add(labels).Set(run.stored().metric("rank_ic_mean"));
  families_->recent.Add(labels).Set(mean_of_last(numbers_of(table.column("rank_ic")), kRecentSessions));
}

}  // namespace orrery::server
