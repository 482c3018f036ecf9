#pragma once

#include <cstdint>

#include "orrery/execution/journal.h"

namespace orrery::testing {

/// Makes a trade of `shares` (negative: sold) for `value` in all.
inline JournalEntry trade_for(Date date, double shares, double value, std::uint32_t instrument = 0,
                              double commission = 0.0) {
  JournalEntry entry;
  entry.session = {static_cast<std::size_t>(date.days), date};
  entry.kind = EntryKind::kTrade;
  entry.instrument = instrument;
  entry.side = shares > 0.0 ? OrderSide::kBuy : OrderSide::kSell;
  entry.quantity = magnitude(to_quantity(shares));
  entry.value = to_money(value);
  entry.price = to_money(value / entry.quantity.units());
  entry.commission = to_money(commission);
  return entry;
}

/// Makes a split that changes the shares held by `change`.
inline JournalEntry split_by(Date date, double change, std::uint32_t instrument = 0) {
  JournalEntry entry;
  entry.session = {static_cast<std::size_t>(date.days), date};
  entry.kind = EntryKind::kSplit;
  entry.instrument = instrument;
  entry.quantity = to_quantity(change);
  return entry;
}

}  // namespace orrery::testing
