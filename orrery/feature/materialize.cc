#include "orrery/feature/materialize.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/feature/feature_time.h"

namespace orrery {
namespace {

/// The newest session that may be known; errors where there is none.
std::size_t newest_row(const ViewDefinition& view, const MarketData& market, const FeatureTime& time,
                       const MaterializeOptions& options) {
  std::size_t rows = time.known_sessions(market.dates, options.now);
  if (options.until) rows = std::min(rows, market.lower_row(*options.until + 1));
  if (rows > 0) return rows - 1;
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("view {}: no session of its data is known by {}{}; the first is {}", view.name,
                  to_string(options.now), options.until ? " and " + to_string(*options.until) : "",
                  to_string(market.dates.front())));
}

}  // namespace

ViewValues newest_values(const ViewDefinition& view, const MarketData& market,
                         const MaterializeOptions& options, Progress& progress) {
  const FeatureTime time(view);
  const std::size_t newest = newest_row(view, market, time, options);
  const Timestamp known = time.known(market.dates[newest]);
  ViewValues found;
  std::vector<FeatureCell> cells;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    const auto row = last_bar_by(market, i, newest);
    if (!row) continue;
    const Date session = market.dates[*row];
    const auto end = time.expires(session);
    if (!end || known < *end) {
      cells.push_back({i, *row});
      places.push_back(found.symbols.size());
    }
    found.symbols.push_back(market.symbols[i]);
    found.sessions.push_back(session);
  }
  const std::size_t features = view.features.size();
  const auto computed = point_in_time_values(view, market, cells, options.threads, progress);
  found.values.assign(found.symbols.size() * features, PanelT<float>::missing());
  for (std::size_t i = 0; i < places.size(); ++i)
    std::copy_n(computed.begin() + static_cast<std::ptrdiff_t>(i * features), features,
                found.values.begin() + static_cast<std::ptrdiff_t>(places[i] * features));
  found.about = {view.name, view.fingerprint, {}, market.dates[newest], known, options.now, 0};
  for (const auto& feature : view.features) found.about.features.push_back(feature.name);
  return found;
}

}  // namespace orrery
