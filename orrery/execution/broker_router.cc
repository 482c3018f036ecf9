#include "orrery/execution/broker_router.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "orrery/base/error.h"
#include "orrery/execution/account_records.h"
#include "orrery/execution/change_division.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

AccountJournal open_log(Disk& disk, const std::filesystem::path& file, const RouterBookmark& bookmark) {
  return {disk, file, bookmark.log.empty() ? ChainMark{} : parse_chain_mark(bookmark.log)};
}

OrderEvent unfilled(Quantity rest, UnfilledReason reason) {
  OrderEvent event;
  event.kind = OrderEventKind::kUnfilled;
  event.quantity = rest;
  event.unfilled_reason = reason;
  return event;
}

/// The parts of a change as the log has them.
std::vector<AccountChange> parts_of(const Json& record) {
  std::vector<AccountChange> parts;
  for (const Json& part : record.at("parts")) parts.push_back(parse_change(part.at("part").dump()));
  return parts;
}

}  // namespace

RouterBookmark parse_router_bookmark(std::string_view text) {
  if (text.empty()) return {};
  try {
    const Json json = Json::parse(text);
    return {json.at("log"), json.at("venues").get<std::map<std::string, std::string>>()};
  } catch (const Json::exception& error) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("the account's last word of its venues can't be read ({}): {}", error.what(), text));
  }
}

BrokerRouter::BrokerRouter(const RouterSettings& settings, std::vector<std::unique_ptr<BrokerService>> venues,
                           Disk& disk, const std::filesystem::path& log, const RouterBookmark& bookmark,
                           WaitClock& clock)
    : settings_(settings), clock_(clock), books_(settings.lot), log_(open_log(disk, log, bookmark)) {
  for (auto& service : venues) {
    venues_.push_back({std::move(service), VenueHealth(settings.terms.health), {}, {}});
  }
  read_log(bookmark);
  std::vector<VenueTerms> known;
  for (const VenueBooks& venue : books_.venues()) known.push_back(venue.terms);
  if (known != settings.terms.venues) log_.append(books_.take_terms(settings.terms.venues));
  is_synced_ = false;
}

/// What was logged behind the bookmark may have been lost by a venue when the power failed.
void BrokerRouter::read_log(const RouterBookmark& bookmark) {
  const std::uint64_t sure = bookmark.log.empty() ? 0 : parse_chain_mark(bookmark.log).lines;
  std::uint64_t number = 0;
  for (const std::string_view line : log_.lines_found(0)) {
    books_.read(line);
    if (++number <= sure) continue;
    const std::string kind = kind_of_record(line);
    if (kind == "leg") {
      orders_to_tell_again_.insert(Json::parse(line).at("of").get<std::uint64_t>());
    } else if (kind == "divided") {
      const Json record = Json::parse(line);
      changes_to_tell_again_[name_of(parse_change(record.at("change").dump()))] = parts_of(record);
    }
  }
  log_.forget_lines_found();
  // One that was not done waits until the account asks for it again, behind those before it.
  orders_to_tell_again_.insert(books_.open_orders().begin(), books_.open_orders().end());
}

/// Calls a venue that is not left alone. Returns whether it answered.
template <class Call>
bool BrokerRouter::attempt(std::size_t place, const Call& call) {
  Venue& venue = venues_[place];
  const double start = clock_.seconds();
  if (!venue.health.is_up(start)) return false;
  try {
    call(*venue.service);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kUnavailable) throw;
    if (venue.health.failed(start, clock_.seconds())) {
      log_.append(
          books_.put_out(place, fmt::format("{}: {} calls in a row were not answered; the last: {}",
                                            to_string(clock_.now()), venue.health.failures(), error.what())));
    }
    return false;
  }
  venue.health.succeeded();
  if (books_.venues()[place].out) log_.append(books_.put_back(place));
  return true;
}

void BrokerRouter::open_session(const Session& session) {
  session_ = session;
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    venues_[i].outbox.emplace_back(session);
    deliver(i);
  }
}

/// Tells a venue all that waits for it. Returns whether it has everything.
bool BrokerRouter::deliver(std::size_t place) {
  auto& outbox = venues_[place].outbox;
  while (!outbox.empty()) {
    const bool told = attempt(place, [&](BrokerService& service) {
      const Message& message = outbox.front();
      if (const auto* session = std::get_if<Session>(&message)) service.open_session(*session);
      if (const auto* change = std::get_if<AccountChange>(&message)) service.apply(*change);
      if (const auto* order = std::get_if<BrokerOrder>(&message)) service.place(*order);
    });
    if (!told) return false;
    outbox.pop_front();
  }
  return true;
}

void BrokerRouter::place(const BrokerOrder& order) {
  const auto known = books_.orders().find(order.id);
  if (known == books_.orders().end()) {
    log_.append(books_.take_order(order));
  } else if (known->second.order == order) {
    tell_again(order.id);
  } else {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the router has another order under this id: {}; now came {}",
                                 describe(known->second.order), describe(order)));
  }
  work();
}

void BrokerRouter::tell_again(std::uint64_t order) {
  if (orders_to_tell_again_.erase(order) == 0) return;
  for (const RouteLeg& leg : books_.orders().at(order).legs) {
    const std::size_t place = books_.place_of(leg.venue);
    venues_[place].outbox.emplace_back(leg.order);
    deliver(place);
  }
}

/// Goes on until nothing is left to be done now.
void BrokerRouter::work() {
  for (bool moves = true; moves;) {
    moves = false;
    const std::set<std::uint64_t> open = books_.open_orders();
    for (const std::uint64_t id : open) advance(id);
    for (std::size_t i = 0; i < venues_.size(); ++i) {
      const std::size_t before = venues_[i].outbox.size();
      deliver(i);
      moves = moves || venues_[i].outbox.size() != before;
      if (has_open_leg(i) && venues_[i].outbox.empty()) moves = collect(i) || moves;
    }
  }
}

/// Binds an order that is at no venue to its next, or ends it.
void BrokerRouter::advance(std::uint64_t id) {
  const RoutedOrder& order = books_.orders().at(id);
  if (order.done || order.has_open_leg() || orders_to_tell_again_.contains(id)) return;
  const RouteStep step = next_step(order);
  if (step.kind == RouteStep::Kind::kLeg) bind(order, step.leg);
  if (step.kind == RouteStep::Kind::kEnd) {
    log_.append(books_.tell(id, {unfilled(step.rest, step.reason)}, std::nullopt));
    is_synced_ = false;
  }
}

RouteStep BrokerRouter::next_step(const RoutedOrder& order) {
  std::vector<bool> up;
  for (const Venue& venue : venues_) up.push_back(venue.health.is_up(clock_.seconds()));
  const Money price = settings_.price_of ? settings_.price_of(session_, order.order.symbol) : Money{};
  return choose_route(books_, order, up, price);
}

void BrokerRouter::bind(const RoutedOrder& order, const RouteLeg& leg) {
  log_.append(books_.bind(order.order.id, leg));
  if (settings_.sync_orders) log_.sync();
  venues_[books_.place_of(leg.venue)].outbox.emplace_back(leg.order);
}

bool BrokerRouter::has_open_leg(std::size_t place) const {
  const auto& open = books_.open_orders();
  return std::any_of(open.begin(), open.end(), [&](std::uint64_t id) {
    const RoutedOrder& order = books_.orders().at(id);
    return order.has_open_leg() && order.legs.back().venue == books_.venues()[place].terms.name;
  });
}

/// Takes a venue's answers in the order in which they happened. Returns whether there were any.
bool BrokerRouter::collect(std::size_t place) {
  auto& early = venues_[place].early;
  attempt(place, [&](BrokerService& service) {
    for (const BrokerAnswer& answer : service.answers(books_.venues()[place].last_answer)) {
      early.emplace(answer.sequence, answer);
    }
  });
  bool found = false;
  while (!early.empty()) {
    const auto first = early.begin();
    const std::uint64_t last = books_.venues()[place].last_answer;
    if (first->first > last) {
      // What an interrupted session had sent later has to be asked for first.
      const bool is_next =
          first->first == last + 1 && books_.order_of(place, first->second.event.order_id) != 0;
      if (!is_next) break;
      accept(place, first->second);
      found = true;
    }
    early.erase(first);
  }
  return found;
}

/// Makes of a venue's answer what the account is told: the rest of a leg that goes on elsewhere is none.
void BrokerRouter::accept(std::size_t place, const BrokerAnswer& answer) {
  const std::uint64_t id = books_.order_of(place, answer.event.order_id);
  books_.take_answer(place, answer);
  std::vector<OrderEvent> events;
  OrderEvent event = answer.event;
  if (event.last) {
    const RouteStep step = next_step(books_.orders().at(id));
    const bool ends = step.kind == RouteStep::Kind::kEnd;
    const bool is_fill = event.kind == OrderEventKind::kFill;
    event.last = ends && step.rest.micros == 0;
    if (is_fill) events.push_back(event);
    if (ends && (!is_fill || step.rest.micros > 0)) events.push_back(unfilled(step.rest, step.reason));
  } else {
    events.push_back(event);
  }
  log_.append(books_.tell(id, events, std::pair(place, answer)));
  is_synced_ = false;
}

std::vector<BrokerAnswer> BrokerRouter::answers(std::uint64_t sequence) {
  work();
  if (settings_.sync_orders && !is_synced_) {
    log_.sync();
    is_synced_ = true;
  }
  const auto& all = books_.answers();
  if (sequence >= all.size()) return {};
  return {all.begin() + static_cast<std::ptrdiff_t>(sequence), all.end()};
}

void BrokerRouter::apply(const AccountChange& change) {
  if (books_.knows(change)) {
    const auto again = changes_to_tell_again_.find(name_of(change));
    if (again == changes_to_tell_again_.end()) return;
    queue_change(again->second);
    changes_to_tell_again_.erase(again);
  } else {
    std::vector<VenueStake> stakes;
    for (const VenueBooks& venue : books_.venues()) {
      const std::string& symbol = change.kind == EntryKind::kRename ? change.former : change.symbol;
      stakes.push_back({to_quantity(venue.terms.cash), venue.held(symbol), venue.cash});
    }
    const auto parts = divide_change(change, stakes, settings_.lot);
    log_.append(books_.take_change(change, parts));
    queue_change(parts);
  }
  for (std::size_t i = 0; i < venues_.size(); ++i) deliver(i);
}

void BrokerRouter::queue_change(const std::vector<AccountChange>& parts) {
  for (std::size_t i = 0; i < parts.size() && i < venues_.size(); ++i) {
    if (parts[i].quantity.micros != 0 || parts[i].cash.micros != 0) venues_[i].outbox.emplace_back(parts[i]);
  }
}

void BrokerRouter::refuse_unavailable(std::size_t place) const {
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("the venue '{}' does not answer", books_.venues()[place].terms.name));
}

/// Sees to it that a venue has been told everything.
void BrokerRouter::require_told(std::size_t place) {
  if (!deliver(place)) refuse_unavailable(place);
}

void BrokerRouter::flush() {
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    require_told(i);
    if (!attempt(i, [](BrokerService& service) { service.flush(); })) refuse_unavailable(i);
  }
  log_.sync();
  is_synced_ = true;
}

/// Whether nothing is on its way, so that a venue's books have to be those that the router keeps of it.
bool BrokerRouter::is_quiet() const {
  return books_.open_orders().empty() && orders_to_tell_again_.empty() && changes_to_tell_again_.empty();
}

void BrokerRouter::take_word(std::size_t place, const std::vector<BrokerPosition>& held) {
  std::map<std::string, Quantity> more;
  for (const BrokerPosition& position : held) more[position.symbol] += position.quantity;
  for (const auto& [symbol, quantity] : books_.venues()[place].positions) more[symbol] -= quantity;
  for (const auto& [symbol, quantity] : more) {
    if (quantity.micros != 0) log_.append(books_.correct(place, symbol, quantity, {}));
  }
}

std::vector<BrokerPosition> BrokerRouter::positions() {
  std::map<std::string, Quantity> sums;
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    require_told(i);
    std::vector<BrokerPosition> held;
    if (!attempt(i, [&](BrokerService& service) { held = service.positions(); })) refuse_unavailable(i);
    if (is_quiet()) take_word(i, held);
    for (const BrokerPosition& position : held) sums[position.symbol] += position.quantity;
  }
  std::vector<BrokerPosition> positions;
  for (const auto& [symbol, quantity] : sums) {
    if (quantity.micros != 0) positions.push_back({symbol, quantity});
  }
  return positions;
}

Money BrokerRouter::cash() {
  Money sum;
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    require_told(i);
    Money cash;
    std::uint64_t last = 0;
    const bool told = attempt(i, [&](BrokerService& service) {
      last = service.last_answer();
      cash = service.cash();
    });
    if (!told) refuse_unavailable(i);
    const VenueBooks& ours = books_.venues()[i];
    if (is_quiet() && last > ours.last_answer) {
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("the venue '{}' has {} answers, and the account knows of {}: does "
                                       "another program trade there?",
                                       ours.terms.name, last, ours.last_answer));
    }
    if (is_quiet() && cash != ours.cash) log_.append(books_.correct(i, "", {}, cash - ours.cash));
    sum += cash;
  }
  return sum;
}

std::string BrokerRouter::bookmark() {
  log_.sync();  // what was logged since the last flush
  std::map<std::string, std::string> marks;
  for (std::size_t i = 0; i < venues_.size(); ++i) {
    marks[books_.venues()[i].terms.name] = venues_[i].service->bookmark();
  }
  return Json{{"log", to_string(log_.mark())}, {"venues", marks}}.dump();
}

}  // namespace orrery
