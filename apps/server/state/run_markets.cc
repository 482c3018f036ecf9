#include "apps/server/state/run_markets.h"

namespace orrery::server {
namespace {

constexpr double kKeptSeconds = 300.0;

}  // namespace

std::shared_ptr<const RunMarket> RunMarkets::of(const std::shared_ptr<const CatalogueRun>& run) {
  // Held while it is read: two who ask at once wait for one reading.
  const std::lock_guard lock(mutex_);
  used_ = clock_.seconds();
  if (run_ == run) return market_;
  market_.reset();
  run_.reset();
  market_ = std::make_shared<const RunMarket>(run->stored(), plugins_, 1);
  run_ = run;
  used_ = clock_.seconds();
  return market_;
}

void RunMarkets::forget_unused() {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || !run_ || clock_.seconds() - used_ < kKeptSeconds) return;
  market_.reset();
  run_.reset();
}

}  // namespace orrery::server
