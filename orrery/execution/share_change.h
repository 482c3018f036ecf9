#pragma once

#include "orrery/execution/journal.h"

namespace orrery {

/// Returns by how many shares a booking changes the position of its instrument.
inline Quantity share_change(const JournalEntry& entry) {
  switch (entry.kind) {
    case EntryKind::kTrade:
    case EntryKind::kCashInLieu:
    case EntryKind::kDelisting:
      return entry.side == OrderSide::kBuy ? entry.quantity : -entry.quantity;
    case EntryKind::kSplit:
    case EntryKind::kAdjustment:
      return entry.quantity;
    default:
      return Quantity{};
  }
}

}  // namespace orrery
