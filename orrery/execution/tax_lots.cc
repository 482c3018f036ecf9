#include "orrery/execution/tax_lots.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/execution/check_state.h"

namespace orrery {
namespace {

/// Whether a share of `left` costs more than one of `right`.
bool costs_more(const TaxLot& left, const TaxLot& right) {
  return static_cast<__int128>(left.cost.micros) * magnitude(right.quantity).micros >
         static_cast<__int128>(right.cost.micros) * magnitude(left.quantity).micros;
}

/// Takes `shares` (signed as the lot's) out of a lot, with their part of its money.
TaxLot take(TaxLot& lot, Quantity shares) {
  TaxLot taken = lot;
  taken.quantity = shares;
  taken.cost = prorate(lot.cost, shares, lot.quantity);
  taken.deferred = prorate(lot.deferred, shares, lot.quantity);
  lot.quantity -= taken.quantity;
  lot.cost -= taken.cost;
  lot.deferred -= taken.deferred;
  return taken;
}

/// Visits a lot's members in the order in which they stand in its row.
template <class Lot, class Visitor>
void visit_members(Lot& lot, Visitor& visit) requires std::is_same_v<std::remove_const_t<Lot>, TaxLot> {
  visit(lot.id);
  visit(lot.purchase);
  visit(lot.instrument);
  visit(lot.acquired.days);
  visit(lot.held_since.days);
  visit(lot.quantity.micros);
  visit(lot.cost.micros);
  visit(lot.deferred.micros);
  visit(lot.replacement);
}

template <class Lot, class Visitor>
void visit_members(Lot& lot, Visitor& visit) requires std::is_same_v<std::remove_const_t<Lot>, RealisedLot> {
  visit(lot.lot);
  visit(lot.purchase);
  visit(lot.instrument);
  visit(lot.acquired.days);
  visit(lot.held_since.days);
  visit(lot.disposed.days);
  visit(lot.quantity.micros);
  visit(lot.proceeds.micros);
  visit(lot.cost.micros);
  visit(lot.disallowed.micros);
}

/// Writes members as a row; of 32 bits without a sign is only an instrument's place.
struct RowWriter {
  nlohmann::json row = nlohmann::json::array();

  void operator()(std::uint32_t instrument) { row.push_back(place_state(instrument)); }
  void operator()(const auto& member) { row.push_back(member); }
};

struct RowReader {
  const nlohmann::json& row;
  std::size_t column = 0;

  void operator()(std::uint32_t& instrument) { instrument = place_from(row.at(column++)); }
  template <class Member>
  void operator()(Member& member) {
    member = row.at(column++).get<Member>();
  }
};

template <class Lot>
nlohmann::json row_of(const Lot& lot) {
  RowWriter writer;
  visit_members(lot, writer);
  return writer.row;
}

template <class Lot>
Lot lot_from(const nlohmann::json& row) {
  Lot lot;
  RowReader reader{row};
  visit_members(lot, reader);
  return lot;
}

}  // namespace

bool RealisedLot::long_term() const { return quantity.micros > 0 && disposed > add_months(held_since, 12); }

LotMethod parse_lot_method(std::string_view name) {
  if (name == "fifo") return LotMethod::kFifo;
  if (name == "lifo") return LotMethod::kLifo;
  if (name == "highest_cost") return LotMethod::kHighestCost;
  if (name == "specific") return LotMethod::kSpecific;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("a method for lots must be fifo, lifo, highest_cost or specific; found '{}'", name));
}

void TaxLots::book(const JournalEntry& entry) {
  switch (entry.kind) {
    case EntryKind::kTrade:
    case EntryKind::kCashInLieu:
    case EntryKind::kDelisting:
      return trade(entry);
    case EntryKind::kSplit:
      return split(entry);
    case EntryKind::kAdjustment:
      return adjust(entry);
    default:
      return;
  }
}

void TaxLots::trade(const JournalEntry& entry) {
  const bool buys = entry.side == OrderSide::kBuy;
  Quantity quantity = buys ? entry.quantity : -entry.quantity;
  if (quantity.micros == 0) return;
  const Money costs = entry.commission + entry.slippage;
  Money amount = buys ? entry.value + costs : entry.value - costs;  // paid or received
  Lots& lots = lots_[entry.instrument];
  if (!lots.empty() && (lots.front().quantity.micros > 0) != buys) {
    const Quantity closing = std::min(magnitude(quantity), magnitude(shares(entry.instrument)));
    const Money part = prorate(amount, closing, magnitude(quantity));
    close(lots, closing, part, entry.session.date);
    quantity = buys ? quantity - closing : quantity + closing;
    amount -= part;
    chosen_.erase(entry.instrument);
  }
  if (quantity.micros != 0) open_lot(entry, quantity, buys ? amount : -amount);
  if (lots.empty()) lots_.erase(entry.instrument);
}

TaxLot& TaxLots::open_lot(const JournalEntry& entry, Quantity quantity, Money cost) {
  TaxLot lot;
  lot.id = lot.purchase = ++last_id_;
  lot.instrument = entry.instrument;
  lot.acquired = lot.held_since = entry.session.date;
  lot.quantity = quantity;
  lot.cost = cost;
  return lots_[entry.instrument].emplace_back(lot);
}

void TaxLots::adjust(const JournalEntry& entry) {
  if (entry.instrument == kNoInstrument || entry.quantity.micros == 0) return;
  Quantity left = entry.quantity;
  Lots& lots = lots_[entry.instrument];
  while (left.micros != 0 && !lots.empty() &&
         (lots.front().quantity.micros > 0) != (entry.quantity.micros > 0)) {
    left += take_next(lots, magnitude(left)).quantity;
  }
  if (left.micros != 0) open_lot(entry, left, multiply(entry.price, left)).replacement = true;
  if (lots.empty()) lots_.erase(entry.instrument);
}

/// Takes up to `most` shares (positive) out of the lot that is next.
TaxLot TaxLots::take_next(Lots& lots, Quantity most) {
  const std::size_t place = next_lot(lots);
  TaxLot& lot = lots[place];
  const Quantity shares = std::min(most, magnitude(lot.quantity));
  const TaxLot taken = take(lot, lot.quantity.micros > 0 ? shares : -shares);
  if (lot.quantity.micros == 0) lots.erase(lots.begin() + static_cast<std::ptrdiff_t>(place));
  return taken;
}

/// Closes shares (positive) of the lots for an amount.
void TaxLots::close(Lots& lots, Quantity quantity, Money amount, Date date) {
  Quantity left = quantity;
  Money amount_left = amount;
  while (left.micros > 0) {
    const TaxLot sold = take_next(lots, left);
    const Quantity shares = magnitude(sold.quantity);
    const Money part = prorate(amount_left, shares, left);
    realise(sold, sold.quantity, sold.cost, part, date);
    left -= shares;
    amount_left -= part;
  }
}

void TaxLots::realise(const TaxLot& lot, Quantity quantity, Money cost, Money amount, Date date) {
  RealisedLot realised;
  realised.lot = lot.id;
  realised.purchase = lot.purchase;
  realised.instrument = lot.instrument;
  realised.acquired = lot.acquired;
  realised.held_since = lot.held_since;
  realised.disposed = date;
  realised.quantity = quantity;
  realised.proceeds = quantity.micros > 0 ? amount : -cost;
  realised.cost = quantity.micros > 0 ? cost : amount;
  realised_.push_back(realised);
}

std::size_t TaxLots::next_lot(const Lots& lots) const {
  if (method_ == LotMethod::kLifo) return lots.size() - 1;
  if (method_ == LotMethod::kHighestCost) {
    std::size_t dearest = 0;
    for (std::size_t i = 1; i < lots.size(); ++i) {
      if (costs_more(lots[i], lots[dearest])) dearest = i;
    }
    return dearest;
  }
  const auto chosen = chosen_.find(lots.front().instrument);
  if (chosen == chosen_.end()) return 0;
  for (const std::uint64_t id : chosen->second) {
    const auto named =
        std::find_if(lots.begin(), lots.end(), [&](const TaxLot& lot) { return lot.id == id; });
    if (named != lots.end()) return static_cast<std::size_t>(named - lots.begin());
  }
  return 0;
}

void TaxLots::choose(std::uint32_t instrument, std::vector<std::uint64_t> lots) {
  if (method_ == LotMethod::kSpecific) chosen_[instrument] = std::move(lots);
}

/// Gives every lot its part of the new shares, so that the roundings of the parts add up to the ledger's.
void TaxLots::split(const JournalEntry& entry) {
  const auto found = lots_.find(entry.instrument);
  if (found == lots_.end()) {
    throw internal_error(
        fmt::format("a split of shares that are in no lot: instrument {}", entry.instrument));
  }
  Lots& lots = found->second;
  Quantity before = shares(entry.instrument);
  Quantity after = before + entry.quantity;
  Money cost_of_none, deferred_of_none;  // of lots too small to have a share left
  for (TaxLot& lot : lots) {
    const Quantity old = lot.quantity;
    lot.quantity = {prorate(Money{after.micros}, old, before).micros};
    before -= old;
    after -= lot.quantity;
    if (lot.quantity.micros != 0) continue;
    cost_of_none += lot.cost;
    deferred_of_none += lot.deferred;
  }
  const TaxLot first = lots.front();
  std::erase_if(lots, [](const TaxLot& lot) { return lot.quantity.micros == 0; });
  if (lots.empty()) {  // nothing is left to carry the cost, as in the ledger
    realise(first, first.cost.micros < 0 ? Quantity{-1} : Quantity{1}, cost_of_none, Money{},
            entry.session.date);
    lots_.erase(found);
    return;
  }
  lots.back().cost += cost_of_none;
  lots.back().deferred += deferred_of_none;
}

std::span<const TaxLot> TaxLots::open(std::uint32_t instrument) const {
  const auto found = lots_.find(instrument);
  return found == lots_.end() ? std::span<const TaxLot>() : std::span<const TaxLot>(found->second);
}

Quantity TaxLots::shares(std::uint32_t instrument) const {
  Quantity sum;
  for (const TaxLot& lot : open(instrument)) sum += lot.quantity;
  return sum;
}

void TaxLots::defer(std::uint32_t instrument, std::uint64_t id, Quantity shares, Money loss, int days) {
  Lots& lots = lots_.at(instrument);
  const auto place = std::find_if(lots.begin(), lots.end(), [&](const TaxLot& lot) { return lot.id == id; });
  const Quantity wanted = place->quantity.micros > 0 ? shares : -shares;
  TaxLot part = take(*place, wanted);
  part.cost += loss;
  part.deferred += loss;
  part.held_since = part.held_since - days;
  part.replacement = true;
  if (place->quantity.micros == 0) {
    *place = part;
    return;
  }
  part.id = ++last_id_;
  lots.insert(place, part);
}

void TaxLots::take_open(std::uint32_t instrument, const TaxLots& other) {
  const auto found = other.lots_.find(instrument);
  if (found != other.lots_.end()) lots_[instrument] = found->second;
  const auto chosen = other.chosen_.find(instrument);
  if (chosen != other.chosen_.end()) chosen_[instrument] = chosen->second;
  last_id_ = other.last_id_;
}

std::string TaxLots::save() const {
  nlohmann::json lots = nlohmann::json::array();
  for (const auto& [instrument, of_one] : lots_) {
    for (const TaxLot& lot : of_one) lots.push_back(row_of(lot));
  }
  nlohmann::json realised = nlohmann::json::array();
  for (const RealisedLot& lot : realised_) realised.push_back(row_of(lot));
  nlohmann::json chosen = nlohmann::json::array();
  for (const auto& [instrument, ids] : chosen_) chosen.push_back({place_state(instrument), ids});
  return nlohmann::json{{"last_id", last_id_}, {"lots", lots}, {"realised", realised}, {"chosen", chosen}}
      .dump();
}

void TaxLots::restore(std::string_view state) {
  read_check_state("tax lots", state, [&](const nlohmann::json& read) {
    last_id_ = read.at("last_id");
    lots_.clear();
    realised_.clear();
    chosen_.clear();
    for (const auto& row : read.at("lots")) {
      const auto lot = lot_from<TaxLot>(row);
      lots_[lot.instrument].push_back(lot);
    }
    for (const auto& row : read.at("realised")) realised_.push_back(lot_from<RealisedLot>(row));
    for (const auto& row : read.at("chosen")) {
      chosen_[place_from(row.at(0))] = row.at(1).get<std::vector<std::uint64_t>>();
    }
  });
}

}  // namespace orrery
