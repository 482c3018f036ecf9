#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "orrery/base/date.h"
#include "orrery/execution/current_names.h"
#include "orrery/execution/engine.h"
#include "orrery/execution/hash_chain.h"
#include "orrery/execution/ledger.h"

namespace orrery {

/// An account between two sessions: with it a new process goes on as if nothing had happened.
struct AccountSnapshot {
  Date date;  ///< of the last session that is done
  EngineState engine;
  LedgerState ledger;
  std::string strategy;           ///< as of Strategy::save
  std::string risk;               ///< as of RiskControl::save
  std::string checks;             ///< as of OrderCheck::save
  ChainMark journal;              ///< up to which it was written
  ChainMark audit;                ///< of the audit log
  std::string broker;             ///< as of BrokerService::bookmark
  std::uint64_t last_answer = 0;  ///< of the broker
  std::uint64_t last_command = 0;
  std::string terms;  ///< by which it trades, in the words of who opened it
  /// Symbols that the data called so before their day came, with the day: in this snapshot, and in what the
  /// books and the broker were told.
  std::map<std::string, Date> since, booked_since;
  CurrentNames book_names;  ///< of a snapshot that was read: of what the books and the broker know
};

/// Writes a snapshot as JSON. Instruments stand in it by their symbols, as their places change when the data
/// gets another name.
std::string to_json(const AccountSnapshot& snapshot, std::span<const std::string> symbols);

/// Reads a snapshot; positions, decisions and states of what was renamed since are those of its symbol of
/// now. Errors: kDataCorrupt for what is no snapshot; kNotFound for a position or order in a symbol that is
/// not among `symbols`; kInvalidArgument for positions in two symbols that the data calls one.
AccountSnapshot parse_snapshot(std::string_view json, std::span<const std::string> symbols,
                               const Identities& renames = Identities());

}  // namespace orrery
