#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/sqlite_database.h"
#include "orrery/operate/operation.h"

namespace orrery {

enum class StepState : std::uint8_t {
  kWaiting,  ///< for others, or for its turn
  kRunning,
  kRetrying,  ///< failed, and is tried again
  kDone,
  kAction,  ///< done, and something is to be done about what it found
  kFailed,
  kBlocked,  ///< what it needs failed
  kSkipped,  ///< nothing was found that it is for
};

/// Returns "waiting", "running", "retrying", "done", "action", "failed", "blocked" or "skipped"; "" for no
/// state.
std::string_view to_string(StepState state);

/// Whether a step in this state is over for this pass of the round.
bool is_over(StepState state);
/// Whether what needs the step may go on.
bool went_well(StepState state);

enum class RoundState : std::uint8_t {
  kRunning,
  kDone,
  kFailed,
  kMissed,  ///< too old to be made up for; a backfill does
};

/// Returns "running", "done", "failed" or "missed"; "" for no state.
std::string_view to_string(RoundState state);

/// Why a round is done.
enum class RoundMode : std::uint8_t { kScheduled, kCatchUp, kBackfill, kReplay };

/// Returns "scheduled", "catch_up", "backfill" or "replay"; "" for no mode.
std::string_view to_string(RoundMode mode);

/// What became of a step of a round.
struct KeptStep {
  std::string name;
  std::string kind;
  StepState state = StepState::kWaiting;
  int attempts = 0;                  ///< over all passes
  std::optional<Timestamp> started;  ///< the last attempt
  std::optional<Timestamp> ended;
  std::optional<int> status;  ///< exit code of the last attempt
  std::string message;        ///< why it failed
  std::string log;            ///< of the last attempt, within the state's folder
  bool late = false;          ///< its deadline passed before it was done
};

struct KeptRound {
  Date session;
  Timestamp due;
  RoundMode mode = RoundMode::kScheduled;
  RoundState state = RoundState::kRunning;
  std::optional<Timestamp> started;
  std::optional<Timestamp> ended;
  std::vector<KeptStep> steps;  ///< in the order in which they are done
};

/// Rounds and their steps in a SQLite file, one transaction a change. Readers may be other processes.
class OperationStore {
 public:
  /// Makes file and folder where there are none. Errors: kIo, kDataCorrupt.
  explicit OperationStore(const std::filesystem::path& file);

  /// Begins a round, or goes on with it: what is done stays done (`anew`: is done again), all else waits.
  KeptRound begin(const Operation& operation, Date session, RoundMode mode, bool anew, Timestamp now);
  void save(Date session, const KeptStep& step);
  void end(Date session, RoundState state, Timestamp now);
  /// Notes sessions that nobody did in time.
  void mark_missed(Date session, Timestamp due);

  /// Sessions whose round is not at its end, ascending.
  std::vector<Date> unfinished();
  /// The last session that has a round of any state.
  std::optional<Date> last_session();
  /// The last rounds, the newest session first.
  std::vector<KeptRound> rounds(std::size_t most);
  /// Nothing where the session has no round.
  std::optional<KeptRound> find(Date session);

 private:
  std::vector<KeptRound> select(const std::string& condition, std::int64_t value, std::size_t most);
  std::vector<KeptStep> steps_of(Date session);

  SqliteDatabase database_;
};

}  // namespace orrery
