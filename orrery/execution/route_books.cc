#include "orrery/execution/route_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/named_value.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/account_records.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

[[noreturn]] void refuse(std::string_view record, std::string_view problem) {
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("a record of {} can't be read ({}): {}", kRouteLog, problem, record));
}

Json to_json(const VenueTerms& terms) {
  Json types = Json::array();
  for (const OrderType type : terms.types) types.push_back(to_string(type));
  return {{"name", terms.name},
          {"broker", terms.broker},
          {"cash", terms.cash},
          {"commission_bps", terms.commission_bps},
          {"min_cost", terms.min_cost},
          {"per_share", terms.per_share},
          {"types", types},
          {"shorts", terms.shorts}};
}

VenueTerms terms_of(const Json& json) {
  VenueTerms terms;
  terms.name = json.at("name");
  terms.broker = json.at("broker");
  terms.cash = json.at("cash");
  terms.commission_bps = json.at("commission_bps");
  terms.min_cost = json.at("min_cost");
  terms.per_share = json.at("per_share");
  terms.shorts = json.at("shorts");
  for (const Json& type : json.at("types")) {
    const auto named = find_named<OrderType>(type.get<std::string>());
    if (named) terms.types.push_back(*named);
  }
  return terms;
}

std::string listed(const std::vector<BrokerAnswer>& answers) {
  std::string list;
  for (const BrokerAnswer& answer : answers) {
    if (!list.empty()) list += ',';
    list += to_record(answer);
  }
  return list;
}

Money dearest_cost(const std::vector<VenueBooks>& venues, Money value, Quantity shares) {
  Money dearest;
  for (const VenueBooks& venue : venues) dearest = std::max(dearest, cost_at(venue.terms, value, shares));
  return dearest;
}

}  // namespace

std::size_t RouteBooks::place_of(const std::string& venue) const {
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    if (venues_[i].terms.name == venue) return i;
  }
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("{} speaks of a venue that the account has not: {}", kRouteLog, venue));
}

std::uint64_t RouteBooks::order_of(std::size_t venue, std::uint64_t leg_id) const {
  const auto found = orders_.find(leg_id / kLegsPerOrder);
  if (found == orders_.end()) return 0;
  const std::size_t place = leg_id % kLegsPerOrder;
  const auto& legs = found->second.legs;
  return place < legs.size() && legs[place].venue == venues_[venue].terms.name ? found->first : 0;
}

std::string RouteBooks::take_terms(const std::vector<VenueTerms>& terms) {
  std::vector<VenueBooks> before = std::move(venues_);
  venues_.clear();
  Json list = Json::array();
  for (const VenueTerms& each : terms) {
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&](const auto& old) { return old.terms.name == each.name; });
    VenueBooks venue;
    if (known != before.end()) {
      venue = std::move(*known);
      before.erase(known);
    }
    venue.terms = each;
    venues_.push_back(std::move(venue));
    list.push_back(to_json(each));
  }
  for (const VenueBooks& gone : before) {
    if (gone.positions.empty() && gone.cash.micros == 0) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the account has {} in cash and {} positions at the venue '{}', which is "
                                 "no longer among its routes",
                                 gone.cash.units(), gone.positions.size(), gone.terms.name));
  }
  return Json{{"kind", "terms"}, {"venues", list}}.dump();
}

std::string RouteBooks::take_order(const BrokerOrder& order) {
  RoutedOrder routed;
  routed.order = order;
  routed.left = order.quantity;
  routed.notional = order.notional;
  routed.budget = order.budget;
  routed.volume_limit = order.volume_limit;
  orders_.emplace(order.id, std::move(routed));
  open_.insert(order.id);
  return fmt::format(R"({{"kind":"taken","order":{}}})", to_record(order));
}

std::string RouteBooks::bind(std::uint64_t order, const RouteLeg& leg) {
  orders_.at(order).legs.push_back(leg);
  ++venues_[place_of(leg.venue)].orders;
  return fmt::format(R"({{"kind":"leg","of":{},"venue":{},"closes":{},"own_limit":{},"order":{}}})", order,
                     Json(leg.venue).dump(), leg.closes, leg.own_limit, to_record(leg.order));
}

std::string RouteBooks::take_change(const AccountChange& change, const std::vector<AccountChange>& parts) {
  std::string list;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    VenueBooks& venue = venues_[i];
    venue.add_change(parts[i]);
    list += fmt::format(R"({}{{"venue":{},"part":{}}})", i == 0 ? "" : ",", Json(venue.terms.name).dump(),
                        to_record(parts[i]));
  }
  told_.add(change);
  return fmt::format(R"({{"kind":"divided","change":{},"parts":[{}]}})", to_record(change), list);
}

std::string RouteBooks::correct(std::size_t place, const std::string& symbol, Quantity quantity, Money cash) {
  VenueBooks& venue = venues_[place];
  if (!symbol.empty()) venue.add_shares(symbol, quantity);
  venue.cash += cash;
  return Json{{"kind", "corrected"},
              {"venue", venue.terms.name},
              {"symbol", symbol},
              {"quantity_micros", quantity.micros},
              {"cash_micros", cash.micros}}
      .dump();
}

std::string RouteBooks::put_out(std::size_t venue, const std::string& why) {
  venues_[venue].out = why;
  return Json{{"kind", "out"}, {"venue", venues_[venue].terms.name}, {"why", why}}.dump();
}

std::string RouteBooks::put_back(std::size_t venue) {
  venues_[venue].out.reset();
  return Json{{"kind", "back"}, {"venue", venues_[venue].terms.name}}.dump();
}

void RouteBooks::take_answer(std::size_t place, const BrokerAnswer& answer) {
  VenueBooks& venue = venues_[place];
  const OrderEvent& event = answer.event;
  RoutedOrder& order = orders_.at(order_of(place, event.order_id));
  RouteLeg& leg = order.legs[event.order_id % kLegsPerOrder];
  venue.last_answer = answer.sequence;
  if (event.kind == OrderEventKind::kFill) {
    book_fill(venue, order, leg, event);
  } else {
    leg.reason = event.unfilled_reason;
    book_rest(order, leg, event);
  }
  if (event.last) leg.done = true;
}

void RouteBooks::book_fill(VenueBooks& venue, RoutedOrder& order, RouteLeg& leg, const OrderEvent& event) {
  const Money value = multiply(event.price, event.quantity);
  venue.add_fill(order.order, event);
  venue.commission += event.commission;
  venue.saved += dearest_cost(venues_, value, event.quantity) - cost_at(venue.terms, value, event.quantity);
  leg.filled += event.quantity;
  // The first price makes shares of an amount.
  if (order.notional.micros > 0) {
    order.left = std::min(order.left, shares_for(order.notional, event.price, lot_));
    order.notional = {};
  }
  order.left = std::max(order.left - event.quantity, Quantity{});
  order.volume_limit = std::max(order.volume_limit - event.quantity, Quantity{});
  if (order.order.side == OrderSide::kBuy) {
    order.budget = std::max(order.budget - value - event.commission - event.slippage, Money{});
  }
}

/// A venue that had all that was left knows best how many shares that is; one that refuses does not.
void RouteBooks::book_rest(RoutedOrder& order, const RouteLeg& leg, const OrderEvent& event) {
  if (event.unfilled_reason == UnfilledReason::kRefused) return;
  const bool had_all = leg.order.quantity - leg.filled >= order.left;
  if (!had_all && order.notional.micros == 0) return;
  order.left = event.quantity;
  order.notional = {};
}

std::string RouteBooks::tell(std::uint64_t order, const std::vector<OrderEvent>& events,
                             const std::optional<std::pair<std::size_t, BrokerAnswer>>& from) {
  std::vector<BrokerAnswer> told;
  for (OrderEvent event : events) {
    event.order_id = order;
    told.push_back({answers_.size() + told.size() + 1, event});
  }
  book_answers(told);
  if (!from) return fmt::format(R"({{"kind":"ended","answers":[{}]}})", listed(told));
  return fmt::format(R"({{"kind":"told","venue":{},"answer":{},"answers":[{}]}})",
                     Json(venues_[from->first].terms.name).dump(), to_record(from->second), listed(told));
}

void RouteBooks::book_answers(const std::vector<BrokerAnswer>& answers) {
  for (const BrokerAnswer& answer : answers) {
    answers_.push_back(answer);
    if (!answer.event.last) continue;
    orders_.at(answer.event.order_id).done = true;
    open_.erase(answer.event.order_id);
  }
}

void RouteBooks::read_told(std::string_view record) {
  const Json json = Json::parse(record);
  if (json.contains("venue")) {
    const BrokerAnswer answer = parse_answer(json.at("answer").dump());
    const std::size_t venue = place_of(json.at("venue"));
    if (order_of(venue, answer.event.order_id) == 0) refuse(record, "nobody sent this order");
    take_answer(venue, answer);
  }
  std::vector<BrokerAnswer> answers;
  for (const Json& answer : json.at("answers")) answers.push_back(parse_answer(answer.dump()));
  book_answers(answers);
}

void RouteBooks::read(std::string_view record) {
  try {
    const Json json = Json::parse(record);
    const std::string kind = json.at("kind");
    if (kind == "terms") {
      std::vector<VenueTerms> terms;
      for (const Json& venue : json.at("venues")) terms.push_back(terms_of(venue));
      take_terms(terms);
    } else if (kind == "taken") {
      take_order(parse_order(json.at("order").dump()));
    } else if (kind == "leg") {
      RouteLeg leg;
      leg.venue = json.at("venue");
      leg.closes = json.at("closes");
      leg.own_limit = json.at("own_limit");
      leg.order = parse_order(json.at("order").dump());
      if (!orders_.contains(json.at("of").get<std::uint64_t>())) refuse(record, "nobody sent this order");
      bind(json.at("of"), leg);
    } else if (kind == "told" || kind == "ended") {
      read_told(record);
    } else if (kind == "divided") {
      std::vector<AccountChange> parts;
      for (const Json& part : json.at("parts")) parts.push_back(parse_change(part.at("part").dump()));
      if (parts.size() != venues_.size()) refuse(record, "it has other venues");
      take_change(parse_change(json.at("change").dump()), parts);
    } else if (kind == "corrected") {
      correct(place_of(json.at("venue")), json.at("symbol"), {json.at("quantity_micros")},
              {json.at("cash_micros")});
    } else if (kind == "out") {
      put_out(place_of(json.at("venue")), json.at("why"));
    } else if (kind == "back") {
      put_back(place_of(json.at("venue")));
    } else {
      refuse(record, "its kind is unknown");
    }
  } catch (const Json::exception& error) {
    refuse(record, error.what());
  }
}

std::vector<VenueBooks> read_route_log(Disk& disk, const std::filesystem::path& file) {
  const auto text = read_from(disk, file);
  if (!text) return {};
  RouteBooks books(kMicroShare);
  check_chained_text(*text, {}, [&books](std::string_view line) { books.read(line); });
  return books.venues();
}

}  // namespace orrery
