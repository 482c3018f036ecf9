#pragma once

#include <cstddef>
#include <mutex>
#include <optional>

#include "orrery/app/run_study.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/date.h"

namespace orrery {

/// The prices that a run read, read again, and its factors, computed again when they are first asked for.
/// Thread-safe.
class RunMarket {
 public:
  /// `threads` 0: all cores. Errors: kNotFound where the data is gone; kInvalidArgument where it is not what
  /// the run read.
  RunMarket(const StoredRun& run, const Plugins& plugins, int threads,
            Progress& progress = silent_progress());

  const StoredRun& run() const { return run_; }
  const Study& study() const { return study_; }
  const MarketData& market() const { return prices_.market; }
  const MaskPanel& universe() const { return universe_; }
  /// Before preprocessing; null where the run's scores were made elsewhere.
  const FactorFrame* factors() const;
  /// The same. Errors: kNotFound where the run's scores were made elsewhere.
  const FactorFrame& required_factors() const;

  /// A symbol's column. Errors: kNotFound, with one that is spelled alike.
  std::size_t instrument(const std::string& symbol) const;
  /// A session's row. Errors: kNotFound, with the sessions beside it.
  std::size_t row(Date session) const;

 private:
  StoredRun run_;
  Study study_;
  PriceLoad prices_;
  MaskPanel universe_;
  int threads_;
  Progress& progress_;
  mutable std::mutex mutex_;
  mutable std::optional<FactorFrame> factors_;
};

}  // namespace orrery
