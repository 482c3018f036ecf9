#include "orrery/execution/change_division.h"

#include <cstdint>
#include <limits>

namespace orrery {
namespace {

using Weights = std::vector<std::int64_t>;  ///< all >= 0

__int128 total_of(const Weights& weights) {
  __int128 total = 0;
  for (const std::int64_t weight : weights) total += weight;
  return total;
}

std::size_t first_of(const Weights& weights) {
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > 0) return i;
  }
  return 0;
}

/// Divides an amount by weights, toward zero; the first with a weight has the rest.
std::vector<std::int64_t> divided(std::int64_t amount, const Weights& weights) {
  std::vector<std::int64_t> parts(weights.size(), 0);
  const __int128 total = total_of(weights);
  std::int64_t rest = amount;
  for (std::size_t i = 0; total > 0 && i < weights.size(); ++i) {
    parts[i] = static_cast<std::int64_t>(static_cast<__int128>(amount) * weights[i] / total);
    rest -= parts[i];
  }
  parts[first_of(weights)] += rest;
  return parts;
}

Weights shares_held(std::span<const VenueStake> venues) {
  Weights held;
  for (const VenueStake& venue : venues) held.push_back(magnitude(venue.held).micros);
  return held;
}

/// Money that concerns no position: a deposit by the weights, all else by the cash that bears it.
Weights money_weights(const AccountChange& change, std::span<const VenueStake> venues) {
  Weights weights;
  for (const VenueStake& venue : venues) {
    const bool deposit = change.kind == EntryKind::kDeposit;
    weights.push_back(deposit ? venue.weight.micros : std::max(venue.cash.micros, std::int64_t{0}));
  }
  return weights;
}

/// Each venue's holding grows as the account's, in whole lots.
std::vector<std::int64_t> split_parts(const AccountChange& change, std::span<const VenueStake> venues,
                                      const Weights& held, Quantity lot) {
  std::int64_t before = 0;
  for (const VenueStake& venue : venues) before += venue.held.micros;
  if (before == 0) return divided(change.quantity.micros, held);
  const std::int64_t after = before + change.quantity.micros;
  std::vector<std::int64_t> parts(venues.size(), 0);
  std::int64_t rest = change.quantity.micros;
  for (std::size_t i = 0; i < venues.size(); ++i) {
    const __int128 exact = static_cast<__int128>(venues[i].held.micros) * after / before;
    const Quantity whole = round_down(Quantity{static_cast<std::int64_t>(exact)}, lot);
    parts[i] = whole.micros - venues[i].held.micros;
    rest -= parts[i];
  }
  parts[first_of(held)] += rest;
  return parts;
}

/// A fraction that is paid out lies at one venue.
std::vector<std::int64_t> whole_to_one(std::int64_t amount, std::size_t venue, std::size_t count) {
  std::vector<std::int64_t> parts(count, 0);
  parts[venue] = amount;
  return parts;
}

}  // namespace

std::vector<AccountChange> divide_change(const AccountChange& change, std::span<const VenueStake> venues,
                                         Quantity lot) {
  const Weights held = shares_held(venues);
  std::vector<std::int64_t> quantities, cash;
  if (change.kind == EntryKind::kRename) {
    for (const VenueStake& venue : venues) quantities.push_back(venue.held.micros);
    cash.assign(venues.size(), 0);
  } else if (change.symbol.empty()) {
    quantities.assign(venues.size(), 0);
    cash = divided(change.cash.micros, money_weights(change, venues));
  } else if (change.kind == EntryKind::kCashInLieu &&
             held[first_of(held)] >= magnitude(change.quantity).micros) {
    quantities = whole_to_one(change.quantity.micros, first_of(held), venues.size());
    cash = whole_to_one(change.cash.micros, first_of(held), venues.size());
  } else {
    quantities = change.kind == EntryKind::kSplit ? split_parts(change, venues, held, lot)
                                                  : divided(change.quantity.micros, held);
    cash = divided(change.cash.micros, held);
  }
  std::vector<AccountChange> parts(venues.size(), change);
  for (std::size_t i = 0; i < venues.size(); ++i) {
    parts[i].quantity.micros = quantities[i];
    parts[i].cash.micros = cash[i];
  }
  return parts;
}

}  // namespace orrery
