#include "orrery/execution/order.h"

#include "orrery/execution/journal.h"

namespace orrery {

std::string_view to_string(OrderSide side) {
  switch (side) {
    case OrderSide::kBuy:
      return "buy";
    case OrderSide::kSell:
      return "sell";
  }
  return "";
}

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
    case UnfilledReason::kPrice:
      return "price";
  }
  return "";
}

std::string_view to_string(OrderType type) {
  switch (type) {
    case OrderType::kMarketOnClose:
      return "market_on_close";
    case OrderType::kMarketOnOpen:
      return "market_on_open";
    case OrderType::kVwap:
      return "vwap";
    case OrderType::kLimit:
      return "limit";
    case OrderType::kStop:
      return "stop";
    case OrderType::kLimitOnClose:
      return "limit_on_close";
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
    case EntryKind::kBorrowFee:
      return "borrow_fee";
    case EntryKind::kInterest:
      return "interest";
    case EntryKind::kAdjustment:
      return "adjustment";
    case EntryKind::kRename:
      return "rename";
  }
  return "";
}

}  // namespace orrery
