#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "orrery/base/timestamp.h"
#include "orrery/feature/feature_definitions.h"
#include "orrery/market/calendar.h"

namespace orrery {

/// When the sessions of a view are known and their values expire.
class FeatureTime {
 public:
  explicit FeatureTime(const ViewDefinition& view);

  /// From when on a session's bar is known: New York's close on exchanges there, else the day's end UTC; and
  /// the view's delay.
  Timestamp known(Date session) const;
  /// From when on a value of that session is expired: with a life of n sessions, when the n-th later session
  /// is known. Nothing: never.
  std::optional<Timestamp> expires(Date session) const;
  /// Sessions later than `session` that are known at `now`; nothing where the calendar's days are only in a
  /// file.
  std::optional<int> sessions_behind(Date session, Timestamp now) const;
  /// How many of the ascending sessions are known at `now`.
  std::size_t known_sessions(std::span<const Date> sessions, Timestamp now) const;

 private:
  std::optional<Calendar> calendar_;
  std::int64_t delay_ = 0;
  std::optional<TimeToLive> ttl_;
};

}  // namespace orrery
