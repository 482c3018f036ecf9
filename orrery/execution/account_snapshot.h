#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "orrery/base/date.h"
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
};

/// Writes a snapshot as JSON. Instruments stand in it by their symbols, as their places change when the data
/// gets another name.
std::string to_json(const AccountSnapshot& snapshot, std::span<const std::string> symbols);

/// Errors: kDataCorrupt for what is no snapshot; kNotFound for a position or order in a symbol that is not
/// among `symbols`.
AccountSnapshot parse_snapshot(std::string_view json, std::span<const std::string> symbols);

}  // namespace orrery
