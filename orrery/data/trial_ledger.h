#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What is tried on: results on the same data and tested sessions compete with each other.
struct TrialKey {
  std::string data_fingerprint;  ///< "" while the data has not been read
  Date test_first;
  Date test_last;

  bool known() const { return !data_fingerprint.empty(); }
};

/// A run that begins.
struct Trial {
  std::string study;              ///< its name
  std::string study_fingerprint;  ///< of the study as run, overrides included
  TrialKey key;                   ///< may be unknown at first: `locate` tells it
  std::string overrides;          ///< "key=value …"
  std::uint64_t seed = 0;
};

/// Simple returns by session, ascending.
struct DatedReturns {
  std::vector<Date> dates;
  std::vector<double> values;
};

/// What came of a run. Sharpe per period, not annualised; moments of the net returns, kurtosis raw.
struct TrialOutcome {
  bool failed = false;  ///< the numbers are then nothing
  double sharpe = 0.0;
  double periods = 0.0;
  double skewness = 0.0;
  double kurtosis = 3.0;
  DatedReturns net_returns = {};  ///< empty: not recorded (ledgers of before version 1 have none)
  /// Of the equal-weight universe, one a net return. Empty: not recorded (ledgers of before version 2 have
  /// none, nor have factors).
  std::vector<double> benchmark_returns = {};
};

struct RecordedTrial {
  std::int64_t id = 0;
  std::string started;  ///< UTC, as the machine's clock told
  Trial trial;
  std::optional<TrialOutcome> outcome;  ///< nothing: cancelled, killed, or still running
};

/// Every trial there was, on disk. Append-only: a trial, once begun, is never forgotten; failed and cancelled
/// ones count. Several processes may write at once; what was written survives a kill at any moment. One
/// object serves one thread.
class TrialLedger {
 public:
  /// Opens the ledger, and makes it with its folder when it is not there. An older version's ledger is
  /// brought to this one's and keeps all it holds. Errors: kIo, with the path and the reason; kDataCorrupt
  /// when the file is no ledger; kInvalidArgument when a later version of Orrery made it.
  explicit TrialLedger(const std::filesystem::path& file);
  ~TrialLedger();
  TrialLedger(const TrialLedger&) = delete;
  TrialLedger& operator=(const TrialLedger&) = delete;

  /// Records that a run begins, and returns its number. Errors: kIo.
  std::int64_t begin(const Trial& trial);
  /// Records on what a trial is done that began without knowing. Errors: kIo; kAlreadyExists when it was
  /// known.
  void locate(std::int64_t id, const TrialKey& key);
  /// Records what came of it. Errors: kIo; kAlreadyExists when that was told before.
  void finish(std::int64_t id, const TrialOutcome& outcome);
  /// The same for many trials at once: all of them or, where it fails, none. The numbers in the trials'
  /// order.
  std::vector<std::int64_t> begin_all(std::span<const Trial> trials);
  void locate_all(std::span<const std::int64_t> ids, const TrialKey& key);
  /// One outcome a trial.
  void finish_all(std::span<const std::int64_t> ids, std::span<const TrialOutcome> outcomes);
  /// Returns all trials in the order in which they began. Errors: kIo, kDataCorrupt.
  std::vector<RecordedTrial> trials() const;
  /// Returns those on the same data and tested sessions.
  std::vector<RecordedTrial> trials(const TrialKey& key) const;

 private:
  struct Database;
  std::unique_ptr<Database> database_;
};

/// Returns `trials.sqlite` in the home folder. Errors: as home_folder.
std::filesystem::path default_trial_ledger();

}  // namespace orrery
