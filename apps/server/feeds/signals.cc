#include "apps/server/recommendation_rows.h"
#include "apps/server/route_tools.h"
#include "orrery/base/error.h"

namespace orrery::server::signals_feed {

void add_to(StreamHub& hub, const Services& services) {
  Feed feed;
  feed.name = "signals";
  feed.summary =
      "The last session's recommendations, as a run that is made or brought up to date changes them";
  feed.key = "symbol";
  feed.members = "the columns of listRecommendations";
  feed.of_run = true;
  feed.stamp = [&services](const std::string& run) { return run_stamp(services, run); };
  feed.rows = [&services](const std::string& name) {
    const auto run = services.runs.find(name);
    const auto& sessions = run->recommendations().sessions();
    if (sessions.empty()) throw user_error(ErrorCode::kNotFound, "the run has no scores");
    return feed_rows(recommendation_rows(*run, sessions.back(), {}), recommendation_columns(), "symbol");
  };
  hub.add(std::move(feed));
}

}  // namespace orrery::server::signals_feed
