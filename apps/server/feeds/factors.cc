#include "apps/server/route_tools.h"

namespace orrery::server::factors_feed {
namespace {

FeedRows factor_rows(const Services& services, const std::string& name) {
  const auto run = services.runs.find(name);
  const auto market = services.markets.of(run);
  const FactorFrame& factors = market->required_factors();
  const MarketData& data = market->market();
  const std::size_t row = data.rows() - 1;
  FeedRows rows;
  rows.about = run_about(*run);
  rows.about["date"] = to_string(data.dates[row]);
  for (std::size_t instrument = 0; instrument < data.symbols.size(); ++instrument) {
    if (data.present(row, instrument) == 0) continue;
    Json values = Json::object();
    for (std::size_t i = 0; i < factors.names.size(); ++i) {
      values[factors.names[i]] = number_json(static_cast<double>(factors.panels[i](row, instrument)));
    }
    rows.rows.push_back({data.symbols[instrument], json_text(Json{{"symbol", data.symbols[instrument]},
                                                                  {"date", to_string(data.dates[row])},
                                                                  {"values", std::move(values)}})});
  }
  return rows;
}

}  // namespace

void add_to(StreamHub& hub, const Services& services) {
  Feed feed;
  feed.name = "factors";
  feed.summary = "What a run's model reads of each name after the last session of its prices";
  feed.key = "symbol";
  feed.members = "symbol, date, values: each factor by name, before preprocessing";
  feed.of_run = true;
  feed.stamp = [&services](const std::string& run) { return run_stamp(services, run); };
  feed.rows = [&services](const std::string& run) { return factor_rows(services, run); };
  hub.add(std::move(feed));
}

}  // namespace orrery::server::factors_feed
