#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/disk.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/order_check_layer.h"
#include "orrery/execution/repeated_records.h"

namespace orrery {

/// What an account asked, was told and did, for those who look at it later: a file of JSON lines that only
/// grows, each chained to the one before (hash_chain.h). Kinds: `order` (what was known of it, its verdict
/// sent, warned or refused, and every finding with rule and figures), `account` (what a check said of all of
/// it at a close), `trade`, `split`, `dividend`, … as the
/// account booked them. Who kept the last link elsewhere finds out a log that was written anew.
class AuditLog {
 public:
  /// Opens the log or goes on with it. Lines after `sure` are of a session that was interrupted and
  /// is done again: what they say is not written twice. Errors: as AccountJournal.
  AuditLog(Disk& disk, const std::filesystem::path& file, std::vector<std::string> symbols,
           const ChainMark& sure = {});

  /// Writes down an order and what the checks said of it. Errors: kIo.
  void write(const CheckedOrder& order, std::span<const OrderFinding> findings);
  /// Writes down what the checks said of the account at a session's close. Errors: kIo.
  void write(const OrderFinding& finding);
  /// Writes down a booking. Errors: kIo.
  void write(const JournalEntry& entry);

  /// Makes what was written outlive a power failure. Errors: kIo.
  void sync() { file_.sync(); }
  ChainMark mark() const { return file_.mark(); }

 private:
  std::string_view symbol(std::uint32_t instrument) const;
  void append(const std::string& record);

  AccountJournal file_;
  RepeatedRecords written_;  ///< of the interrupted session, not said again yet
  std::vector<std::string> symbols_;
};

/// Other checks, or none, with everything they are asked and told in an audit log. An order that can't be
/// written down is not sent: judge() and booked() throw the log's kIo.
class AuditedChecks final : public OrderCheckLayer {
 public:
  /// `checks` may be null: then every order may go. Both must outlive this.
  AuditedChecks(OrderCheck* checks, AuditLog& log) : OrderCheckLayer(checks), log_(log) {}

  void close_account(const AccountView& account, std::vector<OrderFinding>& findings) override;
  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override;
  void booked(const JournalEntry& entry) override;

 private:
  AuditLog& log_;
};

}  // namespace orrery
