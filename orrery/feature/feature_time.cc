#include "orrery/feature/feature_time.h"

#include <algorithm>

#include "orrery/market/session_times.h"

namespace orrery {

FeatureTime::FeatureTime(const ViewDefinition& view) : delay_(view.data.delay_nanoseconds), ttl_(view.ttl) {
  const auto& name = view.data.prices.calendar;
  if (name != "file") calendar_ = find_calendar(name);
}

Timestamp FeatureTime::known(Date session) const {
  const std::int64_t end =
      calendar_ ? session_times(*calendar_, session).close : start_of(session + 1).nanoseconds;
  return {end + delay_};
}

std::optional<Timestamp> FeatureTime::expires(Date session) const {
  if (!ttl_) return std::nullopt;
  if (ttl_->sessions == 0) return Timestamp{known(session).nanoseconds + ttl_->nanoseconds};
  for (int i = 0; i < ttl_->sessions; ++i) session = calendar_->next_session(session);
  return known(session);
}

std::optional<int> FeatureTime::sessions_behind(Date session, Timestamp now) const {
  if (!calendar_) return std::nullopt;
  const auto later = calendar_->sessions(session + 1, day_of(now));
  return static_cast<int>(known_sessions(later, now));
}

std::size_t FeatureTime::known_sessions(std::span<const Date> sessions, Timestamp now) const {
  const auto end = std::partition_point(sessions.begin(), sessions.end(),
                                        [&](Date session) { return known(session) <= now; });
  return static_cast<std::size_t>(end - sessions.begin());
}

}  // namespace orrery
