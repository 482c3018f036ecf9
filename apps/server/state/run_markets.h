#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "apps/server/state/run_catalogue.h"
#include "orrery/app/run_market.h"

namespace orrery::server {

/// Prices and factors of runs, read when they are first asked for. The last run's are kept until another's
/// are asked for, or nobody has asked for some minutes: a wide study's factors take hundreds of megabytes.
/// Thread-safe.
class RunMarkets {
 public:
  RunMarkets(const Plugins& plugins, WaitClock& clock) : plugins_(plugins), clock_(clock) {}

  /// Errors: as RunMarket.
  std::shared_ptr<const RunMarket> of(const std::shared_ptr<const CatalogueRun>& run);
  /// Lets go of what nobody has asked for lately.
  void forget_unused();

 private:
  const Plugins& plugins_;
  WaitClock& clock_;
  std::mutex mutex_;
  std::shared_ptr<const CatalogueRun> run_;
  std::shared_ptr<const RunMarket> market_;
  double used_ = 0.0;
};

}  // namespace orrery::server
