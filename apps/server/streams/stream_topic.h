#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "apps/server/api/json.h"
#include "apps/server/transport/http_message.h"

namespace orrery::server {

/// A row of a stream: what names it, and all of it as one JSON object.
struct StreamRow {
  std::string key;
  std::string json;
};

/// Which rows somebody follows.
struct RowChoice {
  bool all = true;
  std::unordered_set<std::string> names{};  ///< where not all

  bool has(const std::string& key) const { return all || names.count(key) != 0; }
};

/// How far somebody has come.
struct StreamPosition {
  bool begun = false;         ///< has had its first snapshot
  std::uint64_t reached = 0;  ///< the last update that it has seen, or that had nothing for it
  std::uint64_t told = 0;     ///< the sequence of the last message that it was sent
  std::uint64_t skipped = 0;  ///< updates whose rows it has only seen replaced by later ones
};

/// A table that changes and is followed. Every change of it is an update with the next sequence number. Who
/// keeps up is told every update; who lies further back than updates are kept is told the rows' latest values
/// at once, and how many updates that skips. What a follower costs does not grow with its delay. Thread-safe.
class StreamTopic {
 public:
  /// How many updates, and how many bytes of them, are kept for those who lag.
  static constexpr std::size_t kMostKept = 64;
  static constexpr std::size_t kMostKeptBytes = 4 * 1024 * 1024;

  explicit StreamTopic(std::string name);

  /// Makes the rows the whole table: those that differ are an update, those that are gone are removed.
  void replace(const Json& about, std::vector<StreamRow> rows);
  /// Changes some rows; an empty JSON removes one.
  void update(std::vector<StreamRow> rows);

  /// Returns the next message for somebody at a position and moves it on; null where there is none now.
  SharedText next(StreamPosition& position, const RowChoice& choice) const;
  /// Returns how named rows stand now, for who follows them from now on; "missing" are names without a row.
  SharedText snapshot_of(const std::vector<std::string>& names) const;
  /// Puts a position where an earlier connection was: "EPOCH:SEQUENCE". False where that is not known here.
  bool resume(StreamPosition& position, const std::string& from) const;

  const std::string& name() const { return name_; }
  bool ready() const;
  std::uint64_t sequence() const;

  /// `told` is called after each update, by the thread that made it, perhaps once more after `forget`.
  /// Returns a number for that.
  std::uint64_t follow(std::function<void()> told);
  void forget(std::uint64_t follower);
  std::size_t followers() const;

 private:
  struct Row {
    SharedText json;  ///< null: removed
    std::uint64_t changed = 0;
  };
  struct Change {
    std::string key;
    SharedText json;  ///< null: removed
  };
  struct Update {
    std::uint64_t sequence = 0;
    std::string at;
    std::string about;  ///< "" where it is as before
    std::vector<Change> changes;
    SharedText whole;  ///< the message for those who follow everything
    std::size_t bytes = 0;
  };

  void commit(std::string about, std::vector<Change> changes);
  SharedText snapshot(StreamPosition& position, const RowChoice& choice) const;
  SharedText latest(StreamPosition& position, const RowChoice& choice) const;
  const Update* kept(std::uint64_t sequence) const;

  std::string name_;
  std::string epoch_;
  mutable std::mutex mutex_;
  bool ready_ = false;
  std::uint64_t sequence_ = 0;
  std::string about_;
  std::uint64_t about_changed_ = 0;
  std::string at_;
  std::map<std::string, Row> rows_;
  std::deque<Update> kept_;
  std::size_t kept_bytes_ = 0;
  mutable SharedText whole_;  ///< the snapshot of everything, of `whole_sequence_`
  mutable std::uint64_t whole_sequence_ = 0;
  mutable std::mutex followers_mutex_;
  std::map<std::uint64_t, std::function<void()>> followers_;
  std::uint64_t next_follower_ = 1;
};

}  // namespace orrery::server
