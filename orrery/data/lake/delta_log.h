#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/clock.h"
#include "orrery/data/lake/delta_actions.h"
#include "orrery/data/lake/delta_state.h"
#include "orrery/data/lake/lake_files.h"

namespace orrery {

struct DeltaLogOptions {
  /// A commit whose number + 1 is divisible by this also writes a checkpoint; the table's property
  /// `delta.checkpointInterval` goes before it.
  int checkpoint_interval = 100;
  std::function<Timestamp()> clock = current_time;
};

/// One commit of a table, for a list of what happened.
struct DeltaCommit {
  std::int64_t version = 0;
  CommitInfo info;
  std::size_t files_added = 0;
  std::size_t files_removed = 0;
};

/// What a commit rests on, so that one that another writer made obsolete is refused.
struct CommitBasis {
  std::int64_t version = -1;    ///< the version that was read; -1: no table was there
  DeltaMetadata metadata = {};  ///< of that version
  /// Whether rows of a file that was added since would have belonged to what was read; empty for a commit
  /// that rests on no rows, as an append does.
  std::function<bool(const AddedFile&)> concerns = {};
};

/// The transaction log of one table in the format of Delta Lake, protocol reader 1, writer 2: what files make
/// up each version. A commit is a file that exactly one writer can make, so writers in any number of
/// processes need no lock. Safe to use from several threads. Source:
/// https://github.com/delta-io/delta/blob/master/PROTOCOL.md
class DeltaLog {
 public:
  /// `files` must outlive the log; `folder` is the table's, below its root.
  DeltaLog(LakeFiles& files, std::string folder, DeltaLogOptions options = {});

  /// Returns the latest version, or nullptr where there is no table. Reads only what is new since the last
  /// call. Errors: kDataCorrupt, kInvalidArgument (needs a newer protocol), kIo.
  std::shared_ptr<const DeltaState> latest();
  /// Returns an earlier version. Errors: kNotFound, naming the versions there are.
  std::shared_ptr<const DeltaState> at_version(std::int64_t version);
  /// Returns the number of the last version committed at or before a moment; nothing before the first.
  std::optional<std::int64_t> version_at(Timestamp moment);
  /// Returns the last version committed at or before a moment. Errors: kNotFound when that is before the
  /// first.
  std::shared_ptr<const DeltaState> at_time(Timestamp moment);

  /// Commits, and returns the version's number. Where other writers were first, the commit goes on top of
  /// theirs if it may: nothing it removes was removed, nothing was added that its basis concerns, and its
  /// columns are still there. Errors: kUnavailable for a conflict, naming the commit in the way; kIo.
  std::int64_t commit(DeltaActions actions, const CommitBasis& basis);

  /// Returns the last commits, the latest first.
  std::vector<DeltaCommit> history(std::size_t at_most);

  /// Writes the state as a checkpoint, so that readers need no commit before it.
  void write_checkpoint();

  /// Writes the state of another log of the same table, which becomes this one's latest. All of its data
  /// files must be there.
  void write_checkpoint(const DeltaState& state);

  /// Returns where a version's commit lies, below the root of the files.
  std::string commit_path(std::int64_t version) const;
  /// Returns the commits there are up to a version, ascending.
  std::vector<std::string> commit_paths(std::int64_t version);

  /// Removes commits and checkpoints that no version committed after `before` needs, and returns how many.
  std::size_t remove_before(Timestamp before);

 private:
  struct Listing;
  std::optional<DeltaActions> read_commit(std::int64_t version);
  std::vector<DeltaActions> commits_from(std::int64_t first, std::int64_t last);
  Listing list();
  std::optional<DeltaState> last_checkpoint();
  DeltaState replay(const Listing& listing, std::int64_t version);
  DeltaState load();
  std::int64_t first_at_or_before(const Listing& listing, Timestamp moment);
  std::int64_t commit_time_ms(std::int64_t version);
  void refresh();
  void check_conflicts(const DeltaActions& ours, const CommitBasis& basis, std::int64_t version);
  void checkpoint_if_due(std::int64_t version);

  LakeFiles& files_;
  std::string folder_;
  DeltaLogOptions options_;
  std::mutex mutex_;
  std::shared_ptr<DeltaState> state_;
};

}  // namespace orrery
