#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/ledger.h"
#include "orrery/execution/order_gateway.h"

namespace orrery {

/// What to do where a broker's books and the account's differ.
enum class ReconcilePolicy : std::uint8_t {
  kStop,   ///< nothing of the session is committed; a person has to look
  kAdopt,  ///< the broker is right: the difference is booked as an adjustment
};

/// Reads "stop" or "adopt". Errors: kInvalidArgument.
ReconcilePolicy parse_reconcile_policy(std::string_view name);

struct BookDifference {
  std::string symbol;                  ///< "": cash
  std::int64_t ours = 0, brokers = 0;  ///< micro-units, of shares or money

  bool operator==(const BookDifference&) const = default;
};

/// Compares positions and cash, to the micro-unit; cash first, then by ascending symbol.
std::vector<BookDifference> compare_books(const Ledger& ledger, std::span<const std::string> symbols,
                                          const BrokerBooks& books);

/// Names every difference in a line of its own.
std::string describe(std::span<const BookDifference> differences);

}  // namespace orrery
