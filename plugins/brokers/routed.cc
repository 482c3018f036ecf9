// Several brokers as one: each order goes to the cheapest that is healthy (orrery/execution/broker_router.h).
#include <fmt/format.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/execution/broker_router.h"
#include "orrery/market/symbol_order.h"
#include "plugins/brokers/registry.h"

namespace orrery::plugins::brokers::routed_plugin {
namespace {

const RouteTerms& routes_of(const BrokerContext& context) {
  if (context.routes != nullptr && context.brokers != nullptr && !context.routes->venues.empty()) {
    return *context.routes;
  }
  throw user_error(
      ErrorCode::kInvalidArgument,
      "the broker 'routed' sends orders on to others, and was told of none: give it --routes FILE");
}

/// A venue keeps its books in a folder of its own.
std::unique_ptr<BrokerService> make_venue(const BrokerContext& context, const VenueTerms& terms,
                                          const RouterBookmark& bookmark) {
  const std::filesystem::path folder = context.folder / fmt::format("venue_{}", terms.name);
  if (context.disk.make_folder(folder)) context.disk.sync(context.folder);
  BrokerContext own = context;
  own.folder = folder;
  own.exchange.costs.commission_bps = terms.commission_bps;
  own.exchange.costs.min_cost = terms.min_cost;
  own.exchange.costs.per_share = terms.per_share;
  const auto mark = bookmark.venues.find(terms.name);
  own.bookmark = mark == bookmark.venues.end() ? "" : mark->second;
  own.routes = nullptr;
  return context.brokers->get(terms.broker).factory(own);
}

/// Returns the last close before a session; zero where there is none.
Money last_close(const MarketData& market, const Session& session, const std::string& symbol) {
  const auto instrument = find_symbol(market.symbols, symbol);
  const auto close = market.raw.find("close");
  if (!instrument || close == market.raw.end()) return {};
  for (std::size_t row = session.row; row > 0; --row) {
    const double price = close->second(row - 1, *instrument);
    if (price > 0.0) return to_money(price);
  }
  return {};
}

std::unique_ptr<BrokerService> make(const BrokerContext& context) {
  RouterSettings settings;
  settings.terms = routes_of(context);
  settings.lot = context.exchange.lot;
  settings.sync_orders = context.sync_orders;
  settings.price_of = [&market = context.market](const Session& session, const std::string& symbol) {
    return last_close(market, session, symbol);
  };
  const RouterBookmark bookmark = parse_router_bookmark(context.bookmark);
  std::vector<std::unique_ptr<BrokerService>> venues;
  for (const VenueTerms& terms : settings.terms.venues) {
    // A venue elsewhere keeps what a power failure here makes forgotten.
    settings.sync_orders = settings.sync_orders || context.brokers->get(terms.broker).info.is_remote;
    venues.push_back(make_venue(context, terms, bookmark));
  }
  return std::make_unique<BrokerRouter>(settings, std::move(venues), context.disk, context.folder / kRouteLog,
                                        bookmark, *context.clock);
}

BrokerInfo describe_broker() {
  return {"sends each order to the cheapest of several brokers that is healthy (--routes)", false};
}

}  // namespace

void add_to(Registry& registry) { registry.add("routed", {describe_broker(), make}); }

}  // namespace orrery::plugins::brokers::routed_plugin
