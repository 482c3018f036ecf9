#include "orrery/execution/reconcile.h"

#include <fmt/format.h>

#include <map>

#include "orrery/base/error.h"

namespace orrery {

ReconcilePolicy parse_reconcile_policy(std::string_view name) {
  if (name == "stop") return ReconcilePolicy::kStop;
  if (name == "adopt") return ReconcilePolicy::kAdopt;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("what is done with differences must be stop or adopt; found '{}'", name));
}

std::vector<BookDifference> compare_books(const Ledger& ledger, std::span<const std::string> symbols,
                                          const BrokerBooks& books) {
  std::map<std::string_view, BookDifference> by_symbol;
  for (const Position& position : ledger.positions()) {
    by_symbol[symbols[position.instrument]].ours = position.quantity.micros;
  }
  for (const BrokerPosition& position : books.positions) {
    by_symbol[position.symbol].brokers += position.quantity.micros;
  }
  std::vector<BookDifference> differences;
  if (ledger.cash() != books.cash) differences.push_back({"", ledger.cash().micros, books.cash.micros});
  for (auto& [symbol, difference] : by_symbol) {
    if (difference.ours == difference.brokers) continue;
    difference.symbol = symbol;
    differences.push_back(difference);
  }
  return differences;
}

std::string describe(std::span<const BookDifference> differences) {
  std::string text;
  for (const BookDifference& difference : differences) {
    text += fmt::format("\n  {}: the account has {}, the broker {}",
                        difference.symbol.empty() ? "cash" : difference.symbol,
                        Quantity{difference.ours}.units(), Quantity{difference.brokers}.units());
  }
  return text;
}

}  // namespace orrery
