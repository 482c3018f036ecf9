#include "orrery/execution/order.h"

#include "orrery/execution/journal.h"

namespace orrery {

std::string_view to_string(OrderSide side) { return side == OrderSide::kBuy ? "buy" : "sell"; }

std::string_view to_string(UnfilledReason reason) {
  switch (reason) {
    case UnfilledReason::kNone:
      return "";
    case UnfilledReason::kHalted:
      return "halted";
    case UnfilledReason::kAverageVolume:
      return "average_volume";
    case UnfilledReason::kBarVolume:
      return "bar_volume";
    case UnfilledReason::kCash:
      return "cash";
    case UnfilledReason::kBelowLot:
      return "below_lot";
    case UnfilledReason::kRefused:
      return "refused";
  }
  return "";
}

std::string_view to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::kDeposit:
      return "deposit";
    case EntryKind::kTrade:
      return "trade";
    case EntryKind::kDividend:
      return "dividend";
    case EntryKind::kSplit:
      return "split";
    case EntryKind::kCashInLieu:
      return "cash_in_lieu";
    case EntryKind::kDelisting:
      return "delisting";
    case EntryKind::kFunding:
      return "funding";
  }
  return "";
}

}  // namespace orrery
