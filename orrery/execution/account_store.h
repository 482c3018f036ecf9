#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/execution/current_names.h"
#include "orrery/execution/engine.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/order_check.h"
#include "orrery/risk/risk_control.h"

namespace orrery {

/// What one session left in the books.
struct SessionRecord {
  SessionReport report;
  std::vector<JournalEntry> entries;
  std::vector<UnfilledOrder> unfilled;
  std::vector<OrderFinding> findings;  ///< of the order checks
  std::optional<Decision> decision;
  std::vector<Position> positions;  ///< after the close, by ascending instrument
};

/// Where an account's books and its snapshot are kept: what is committed together is there together after a
/// power failure, or not at all.
class AccountStore {
 public:
  virtual ~AccountStore() = default;
  /// Returns the snapshot as it was committed last; nothing for a new account.
  virtual std::optional<std::string> snapshot() = 0;
  /// Returns the bookings after a day, or all of them, in their order, without those of symbols that are not
  /// among `symbols`, which its instruments index. What was booked under an earlier symbol is of the one that
  /// the bookings of renames and then `names` lead to.
  virtual std::vector<JournalEntry> entries(std::optional<Date> after, std::span<const std::string> symbols,
                                            const CurrentNames& names = {}) = 0;
  /// Returns the symbols by which the books know what was ever booked, ascending: of what was renamed the
  /// last one.
  virtual std::vector<std::string> booked_symbols() = 0;
  /// `session` is null where only a command changed something. Errors: kIo, kDataCorrupt.
  virtual void commit(std::string_view snapshot, std::span<const std::string> symbols,
                      const SessionRecord* session, std::span<const RiskEvent> risk_events) = 0;
};

}  // namespace orrery
