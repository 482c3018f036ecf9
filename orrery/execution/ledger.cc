#include "orrery/execution/ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

bool by_instrument(const Position& position, std::uint32_t instrument) {
  return position.instrument < instrument;
}

bool opposite(Quantity left, Quantity right) { return (left.micros < 0) != (right.micros < 0); }

void revalue(Position& position) { position.value = multiply(position.mark, position.quantity); }

}  // namespace

Ledger::Ledger(std::size_t instruments) : slots_(instruments, 0) {}

void Ledger::deposit(Money amount) {
  account(Account::kCash) += amount;
  account(Account::kCapital) -= amount;
}

TradeBooking Ledger::trade(std::uint32_t instrument, Quantity quantity, Money price, Money commission,
                           Money slippage) {
  const Money value = multiply(price, quantity);
  Position& position = open(instrument, price);
  const Money realised = exchange_shares(position, quantity, value);
  revalue(position);
  const Money cash = -(value + commission + slippage);
  account(Account::kCash) += cash;
  account(Account::kCommission) += commission;
  account(Account::kSlippage) += slippage;
  remove_if_empty(instrument);
  return {magnitude(value), cash, realised};
}

/// Moves shares against `value` (signed like `quantity`) between the positions and realised accounts.
Money Ledger::exchange_shares(Position& position, Quantity quantity, Money value) {
  const bool closes = position.quantity.micros != 0 && opposite(position.quantity, quantity);
  if (!closes) {
    add_at_cost(position, quantity, value);
    return Money{};
  }
  if (magnitude(quantity) <= magnitude(position.quantity)) return close(position, quantity, value);
  const Quantity closing = -position.quantity;
  const Money closing_value = prorate(value, closing, quantity);
  const Money realised = close(position, closing, closing_value);
  position.sessions = 0;
  add_at_cost(position, quantity - closing, value - closing_value);
  return realised;
}

void Ledger::add_at_cost(Position& position, Quantity quantity, Money value) {
  position.quantity += quantity;
  position.cost += value;
  account(Account::kPositions) += value;
}

Money Ledger::close(Position& position, Quantity quantity, Money value) {
  const Money cost = prorate(position.cost, -quantity, position.quantity);
  const Money realised = -value - cost;
  position.quantity += quantity;
  position.cost -= cost;
  account(Account::kPositions) -= cost;
  account(Account::kRealised) -= realised;
  return realised;
}

Money Ledger::dividend(std::uint32_t instrument, Money per_share) {
  const Position* position = find(instrument);
  if (position == nullptr) return Money{};
  const Money amount = multiply(per_share, position->quantity);
  account(Account::kCash) += amount;
  account(Account::kDividends) -= amount;
  return amount;
}

Money Ledger::funding(std::uint32_t instrument, Money mark, Rate rate) {
  const Position* position = find(instrument);
  if (position == nullptr) return Money{};
  const Money amount = -multiply(multiply(mark, position->quantity), rate);
  account(Account::kCash) += amount;
  account(Account::kFunding) -= amount;
  return amount;
}

Money Ledger::borrow_fee(std::uint32_t instrument, Rate rate) {
  const Position* position = find(instrument);
  if (position == nullptr || position->quantity.micros > 0) return Money{};
  const Money amount = multiply(position->value, rate);
  account(Account::kCash) += amount;
  account(Account::kBorrowFees) -= amount;
  return amount;
}

Money Ledger::interest(Money amount, Rate rate) {
  const Money earned = multiply(amount, rate);
  account(Account::kCash) += earned;
  account(Account::kInterest) -= earned;
  return earned;
}

Money Ledger::free_cash() const {
  Money free = cash();
  for (const Position& position : positions_) {
    if (position.quantity.micros < 0) free += position.value;
  }
  return free;
}

Quantity Ledger::split(std::uint32_t instrument, Rate ratio) {
  Position* position = find_open(instrument);
  if (position == nullptr) return Quantity{};
  const Quantity before = position->quantity;
  position->quantity = multiply(before, ratio);
  position->mark = divide(position->mark, ratio);
  revalue(*position);
  const Quantity change = position->quantity - before;
  if (position->quantity.micros == 0) {
    account(Account::kPositions) -= position->cost;
    account(Account::kRealised) += position->cost;
    remove_if_empty(instrument);
  }
  return change;
}

void Ledger::adjust(std::uint32_t instrument, Quantity quantity, Money price) {
  const Money value = multiply(price, quantity);
  Position& position = open(instrument, price);
  exchange_shares(position, quantity, value);
  revalue(position);
  account(Account::kAdjustments) -= value;
  remove_if_empty(instrument);
}

void Ledger::adjust_cash(Money amount) {
  account(Account::kCash) += amount;
  account(Account::kAdjustments) -= amount;
}

void Ledger::mark(std::span<const double> closes) {
  for (Position& position : positions_) {
    const double close = closes[position.instrument];
    ++position.sessions;
    if (close > 0.0 && std::isfinite(close)) {
      position.mark = to_money(close);
      position.missing_sessions = 0;
      revalue(position);
    } else {
      ++position.missing_sessions;
    }
  }
}

Money Ledger::equity() const {
  Money sum = cash();
  for (const Position& position : positions_) sum += position.value;
  return sum;
}

Money Ledger::imbalance() const {
  Money sum;
  for (const Money& balance : balances_) sum += balance;
  return sum;
}

void Ledger::restore(const LedgerState& state) {
  Ledger restored(slots_.size());
  restored.balances_ = state.balances;
  for (const Position& position : state.positions) {
    const bool is_next =
        restored.positions_.empty() || restored.positions_.back().instrument < position.instrument;
    if (!is_next || position.instrument >= slots_.size() || position.quantity.micros == 0) {
      throw internal_error(
          fmt::format("a ledger's state has a position of {} shares out of place: instrument {}",
                      position.quantity.units(), position.instrument));
    }
    restored.positions_.push_back(position);
  }
  if (restored.imbalance().micros != 0) {
    throw internal_error(fmt::format("the balances of a ledger's state add up to {}, and not to zero",
                                     restored.imbalance().units()));
  }
  restored.renumber(0);
  *this = std::move(restored);
}

const Position* Ledger::find(std::uint32_t instrument) const {
  const std::uint32_t slot = instrument < slots_.size() ? slots_[instrument] : 0;
  return slot > 0 ? &positions_[slot - 1] : nullptr;
}

Position* Ledger::find_open(std::uint32_t instrument) { return const_cast<Position*>(find(instrument)); }

Position& Ledger::open(std::uint32_t instrument, Money price) {
  if (instrument >= slots_.size()) {
    throw internal_error(
        fmt::format("the ledger has {} instruments; found id {}", slots_.size(), instrument));
  }
  if (Position* position = find_open(instrument)) return *position;
  const auto place = std::lower_bound(positions_.begin(), positions_.end(), instrument, by_instrument);
  Position position;
  position.instrument = instrument;
  position.mark = price;
  const auto added = positions_.insert(place, position);
  renumber(static_cast<std::size_t>(added - positions_.begin()));
  return *added;
}

void Ledger::remove_if_empty(std::uint32_t instrument) {
  const std::size_t place = slots_[instrument] - 1;
  if (positions_[place].quantity.micros != 0) return;
  positions_.erase(positions_.begin() + static_cast<std::ptrdiff_t>(place));
  slots_[instrument] = 0;
  renumber(place);
}

/// Corrects the slots of the positions from the given place on.
void Ledger::renumber(std::size_t first) {
  for (std::size_t place = first; place < positions_.size(); ++place) {
    slots_[positions_[place].instrument] = static_cast<std::uint32_t>(place + 1);
  }
}

std::string_view to_string(Account account) {
  switch (account) {
    case Account::kCapital:
      return "capital";
    case Account::kCash:
      return "cash";
    case Account::kPositions:
      return "positions";
    case Account::kCommission:
      return "commission";
    case Account::kSlippage:
      return "slippage";
    case Account::kDividends:
      return "dividends";
    case Account::kRealised:
      return "realised";
    case Account::kFunding:
      return "funding";
    case Account::kBorrowFees:
      return "borrow_fees";
    case Account::kInterest:
      return "interest";
    case Account::kAdjustments:
      return "adjustments";
  }
  return "";
}

}  // namespace orrery
